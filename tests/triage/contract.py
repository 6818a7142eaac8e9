"""The contract's rules, written again by hand: what the core is compared with.

Sections 2 and 3 of shared/contract.md, sentence by sentence, without reading knowledge/.
"""

from collections.abc import Iterator, Mapping
from itertools import product

DANGER = ("immediat", "suicide", "non", "inconnu")
PROFILES = ("victime", "parent", "temoin", "professionnel", "auteur", "inconnu")
ANSWERS = ("oui", "non", "inconnu")
NATURES = (
    "insultes", "menaces", "rumeurs", "images_intimes", "montage", "usurpation", "chantage", "divulgation",
    "raid", "haine", "sollicitation_sexuelle", "exclusion", "autre",
)  # fmt: skip
REPLIES = ("retire", "refus", "attente", "inconnu")
COMPLAINTS = ("plainte_contre_auteur", "plainte_contre_x", "plainte_contre_hebergeur")

Facts = dict[str, str | tuple[str, ...]]


def questions(facts: Mapping[str, object]) -> list[str]:
    """The questions that are open for ``facts``, in the contract's order."""
    author = facts.get("profil") == "auteur"
    asked = {
        "danger": True,
        "profil": True,
        "victime_mineure": True,
        "nature": not author,
        "cadre_scolaire": not author and facts.get("victime_mineure") == "oui",
        "contenu_public": not author,
        "moteur_recherche": not author and facts.get("contenu_public") == "oui",
        "auteur_connu": facts.get("profil") in ("victime", "parent"),
        "plateforme_alertee": not author,
        "reponse_plateforme": not author and facts.get("plateforme_alertee") == "oui",
        "un_mois_passe": not author and facts.get("reponse_plateforme") in ("attente", "inconnu"),
    }
    return [slot for slot, open_ in asked.items() if open_ and slot not in facts]


def steps(facts: Mapping[str, object]) -> dict[str, bool]:
    """The steps of a plan for complete ``facts`` -> certain."""
    f = facts.get
    author, minor, public = f("profil") == "auteur", f("victime_mineure"), f("contenu_public")
    nature = f("nature") or ()
    assert isinstance(nature, tuple)
    plan: dict[str, bool] = {}

    def put(step: str, yes: bool, maybe: bool = False) -> None:
        if yes or maybe:
            plan[step] = yes

    put("urgence", f("danger") == "immediat")
    put("prevention_suicide", f("danger") == "suicide")
    put("appeler_3018", minor == "oui", minor == "inconnu")
    if author:
        put("cesser", True)
        put("reparer", True)
        return plan
    put("preuves", True)
    put("adulte_de_confiance", f("profil") == "victime" and minor == "oui")
    put("aide_aux_victimes", minor == "non")
    put(
        "etablissement",
        minor == "oui" and f("cadre_scolaire") == "oui",
        minor == "oui" and f("cadre_scolaire") == "inconnu",
    )
    put("images_intimes", "images_intimes" in nature)
    put("ne_pas_payer", "chantage" in nature)
    told, reply, month = f("plateforme_alertee") == "oui", f("reponse_plateforme"), f("un_mois_passe")
    removed = reply == "retire"
    waiting = told and reply in ("attente", "inconnu")
    put("signaler_plateforme", not told and not removed)
    put("attendre_plateforme", told and reply == "attente" and month == "non")
    put("saisir_cnil", (told and reply == "refus") or (waiting and month == "oui"), waiting and month == "inconnu")
    put("dereferencement", f("moteur_recherche") == "oui", f("moteur_recherche") == "inconnu")
    put("pharos", public == "oui", public == "inconnu")
    put("signaler_police", True)
    if f("profil") in ("victime", "parent"):
        put("plainte_contre_auteur", f("auteur_connu") == "oui")
        put("plainte_contre_x", f("auteur_connu") == "non", f("auteur_connu") == "inconnu")
        if "saisir_cnil" in plan:
            plan["plainte_contre_hebergeur"] = plan["saisir_cnil"]
    complaints = [plan[step] for step in COMPLAINTS if step in plan]
    if complaints:
        if minor == "oui":
            plan["representants_legaux"] = any(complaints)
        for step in ("temoins", "avocat", "commissaire_de_justice"):
            plan[step] = any(complaints)
    put("suivi", True)
    return plan


def complete_cases(natures: tuple[tuple[str, ...], ...]) -> Iterator[Facts]:
    """Every set of facts that a finished conversation can end with, for the given natures."""
    for danger, profile, minor, nature in product(DANGER, PROFILES, ANSWERS, natures):
        start: Facts = {"danger": danger, "profil": profile, "victime_mineure": minor, "nature": nature}
        yield from _continue(start)


def _continue(facts: Facts) -> Iterator[Facts]:
    waiting = questions(facts)
    if not waiting:
        yield facts
        return
    for value in REPLIES if waiting[0] == "reponse_plateforme" else ANSWERS:
        yield from _continue({**facts, waiting[0]: value})
