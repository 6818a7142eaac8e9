"""What exact extraction reads, and above all what it must leave alone."""

import time
from datetime import date
from pathlib import Path

import pytest

from boussole.understanding.extract import Found, extract
from boussole.understanding.lexicon import load_lexicon
from boussole.understanding.normalise import READ_LIMIT, normalise

# A Sunday.
TODAY = date(2026, 11, 22)


def values(text: str, slot: str, pending: str | None = None) -> list[str]:
    """Return the values that ``text`` gives to ``slot``, in order."""
    return [found.value for found in extract(text, TODAY, pending) if found.slot == slot]


def value(text: str, slot: str, pending: str | None = None) -> str | None:
    """Return the only value that ``text`` gives to ``slot``, or None."""
    found = values(text, slot, pending)
    assert len(found) <= 1
    return found[0] if found else None


MINOR = [
    "mon fils de 13 ans se fait insulter",
    "mon fils, 14 ans, reçoit des menaces",
    "Ma fille Léa a 12 ans et elle est harcelée",
    "ma fille, âgée de quinze ans, est victime de rumeurs",
    "notre garçon vient d'avoir 11 ans, on le menace",
    "ma gamine elle a huit ans et demi, on se moque d'elle",
    "j'ai 15 ans et on m'insulte",
    "g 14 an on me harcele",
    "jai 16 piges et on me menace",
    "J'AI 13 ANS ON ME HARCELE SUR SNAP",
    "moi 14ans on m'insulte tt le temps",
    "je viens d'avoir seize ans, il me menace",
    "j'ai bientôt 18 ans et mon ex me menace",
    "j'aurai 18 ans en mars et on me harcèle",
    "ma fille va avoir 18 ans, quelqu'un l'insulte",
    "ma nièce de 12 ans se fait harceler",
    "mon petit frère a 10 ans et on l'insulte, je suis témoin",
    "une de mes élèves, treize ans, m'a montré des messages",
    "ma fille est née en 2014, on l'insulte",
    "ma fille se fait harceler. Elle a 14 ans.",
    "Mon garçon est moqué partout, il a neuf ans",
    "Un garçon de seize ans insulte ma fille, elle a 13 ans",
    "ma fille est insultée par une cousine de 15 ans ; elle-même a 13 ans, ma fille de 13 ans",
    "ma petite fille de CE2 est insultée",
    "mon fils est en 4ème et il se fait insulter",
    "ma fille en troisième reçoit des menaces",
    "mon fils rentre en sixième et on se moque de lui",
    "jsuis en 3e on m'insulte",
    "chui en seconde, on me harcèle",
    "je suis en terminale, on me menace",
    "slt jsuis en tle ya un compte ki m'insulte",
    "je suis en 2e secondaire à Namur, on m'insulte",
    "ma fille est en rhéto, on la harcèle",
    "mon fils est en 9e Harmos et se fait moquer",
    "je suis en 10H, on m'insulte",
    "je suis en secondaire 3 pis on m'écœure, on m'insulte",
    "mon fils fait la classe de 3e à Bouaké, on l'insulte",
    "ma fille est au collège et se fait harceler",
    "mon fils est au lycée, on le menace",
    "notre fille va à l'école primaire, on l'insulte",
    "mon ado reçoit des insultes",
    "ma gamine est harcelée",
    "mon enfant est moqué sur internet",
    "un élève de mon collège se fait harceler, je suis CPE",
    "on m'insulte dans mon collège",
    "on m'insulte et mes parents le savent pas",
]

ADULT = [
    "ma fille a 19 ans et se fait harceler",
    "mon fils de vingt-deux ans est harcelé",
    "j'ai 34 ans et mon ex me harcèle",
    "j'ai soixante-douze ans, on m'insulte sur facebook",
    "j'ai septante ans et quelqu'un me harcèle",
    "j'ai nonante-deux ans, on m'insulte",
    "j'ai quatre-vingt-trois ans, on me menace",
    "je viens d'avoir 18 ans et on me harcèle",
    "je suis à la retraite et un voisin m'insulte",
    "je suis étudiante et on me harcèle",
    "jsuis à la fac, on m'insulte",
    "je suis salariée, mon collègue m'insulte",
    "je suis majeure, on me menace",
    "mon mari se fait insulter",
    "ma collègue est harcelée",
    "ma femme reçoit des menaces tous les soirs",
    "ma fille est majeure, on l'insulte",
    "ma fille est née en 1999, on la harcèle",
    "mon ex-mari me menace",
    "je suis infirmière, on me harcèle",
]

AGE_NOT_OF_THE_VICTIM = [
    "je suis sa mère, j'ai 42 ans",
    "je suis la maman d'un garçon, j'ai 38 ans",
    "le gars a 16 ans",
    "un homme de 40 ans lui écrit",
    "un garçon de 16 ans lui écrit",
    "mon frère de 20 ans m'aide",
    "la prof de mon fils a 50 ans",
    "ça dure depuis 2 ans",
    "il y a 13 ans on m'a insulté",
    "on m'insulte depuis 2 ans",
    "j'ai 10 ans d'expérience",
    "j'ai 3 enfants",
    "elle a 12 de moyenne",
    "interdit aux moins de 13 ans",
    "son ex a 17 ans",
    "l'agresseur a 45 ans",
    "c'est des 3e qui m'embêtent",
    "il a pris trois ans de prison",
    "j'ai vu ça en première page",
    "elle est arrivée en seconde position",
    "ma fille est au cégep",
    "quelqu'un m'insulte depuis mes 12 ans",
    "mon mec me menace",
    "ma meuf me fait du chantage",
    "ma fille reçoit des insultes",
    "mon fils est harcelé",
    "la vidéo a 3000 vues",
]

AGE_ANSWERS = [
    ("13", "oui"),
    ("treize", "oui"),
    ("14 ans", "oui"),
    ("il a treize ans", "oui"),
    ("elle a 12", "oui"),
    ("CM2", "oui"),
    ("4eme", "oui"),
    ("en 5e", "oui"),
    ("il est au collège", "oui"),
    ("classe de 3e", "oui"),
    ("lycéenne en première", "oui"),
    ("presque 18", "oui"),
    ("bientôt 18 ans", "oui"),
    ("ma nièce est en 3e", "oui"),
    ("mon petit frère a 13 ans", "oui"),
    ("née en 2013", "oui"),
    ("secondaire 2", "oui"),
    ("42", "non"),
    ("vingt et un", "non"),
    ("septante-deux", "non"),
    ("34 piges", "non"),
    ("j'ai 23 ans", "non"),
    ("18 ans tout juste", "non"),
    ("elle vient d'avoir 18 ans", "non"),
    ("née en 1988", "non"),
    ("je suis à la retraite", "non"),
    ("entre 16 et 20", None),
    ("17 ou 18 je sais pas", None),
    ("ptet 17", None),
    ("née en 2008", None),
    ("je sais pas trop", None),
    ("ça fait 3 ans que ça dure", None),
]

PROFILES = [
    # Parents
    ("je suis la maman de Théo", "parent"),
    ("bonjour je suis le papa d'une fille harcelée", "parent"),
    ("en tant que mère je suis inquiète, on l'insulte", "parent"),
    ("mon fils se fait harceler", "parent"),
    ("ma fille reçoit des menaces tous les jours", "parent"),
    ("notre enfant est victime d'un montage", "parent"),
    ("ma belle-fille est insultée sur Snap", "parent"),
    ("mon ado subit des moqueries", "parent"),
    ("des élèves insultent mon fils", "parent"),
    ("Père d'un garçon de 11 ans moqué en ligne", "parent"),
    ("maman d'une collégienne harcelée", "parent"),
    # Professionnels
    ("je suis CPE, une élève se fait harceler", "professionnel"),
    ("je suis prof de maths, un élève est insulté", "professionnel"),
    ("je suis infirmière scolaire, un élève est venu me voir", "professionnel"),
    ("je suis éducateur dans un foyer et un jeune est menacé", "professionnel"),
    ("je suis directrice d'école, un enfant est visé", "professionnel"),
    ("chui aed, un eleve est harcelé", "professionnel"),
    ("une de mes élèves m'a montré des messages horribles", "professionnel"),
    ("un de mes élèves est harcelé", "professionnel"),
    ("en tant que professeure principale je veux aider une élève", "professionnel"),
    ("une élève de mon collège est harcelée, que doit faire l'équipe", "professionnel"),
    # Témoins et proches
    ("ma copine se fait harceler", "temoin"),
    ("mon pote se fait insulter sur snap", "temoin"),
    ("ma cousine est victime de rumeurs", "temoin"),
    ("mon frère reçoit des menaces", "temoin"),
    ("ma nièce est harcelée", "temoin"),
    ("ma voisine se fait insulter", "temoin"),
    # Grandparents may have the child's keeping: only the rest of the message tells.
    ("mon petit-fils est harcelé en ligne", None),
    ("je suis la compagne de son papa, elle vit avec nous", None),
    ("je suis sa compagne, on l'insulte sur facebook", "temoin"),
    ("je suis témoin d'un harcèlement", "temoin"),
    ("je suis sa meilleure amie", "temoin"),
    ("j'ai vu passer une vidéo d'une fille", "temoin"),
    ("tout le monde insulte ma meilleure amie", "temoin"),
    # Victimes
    ("on m'insulte", "victime"),
    ("je me fais harceler", "victime"),
    ("jme fais insulter tt les jours", "victime"),
    ("il me menace", "victime"),
    ("mon copain me menace", "victime"),
    ("mes photos circulent partout", "victime"),
    ("quelqu'un se fait passer pour moi", "victime"),
    ("un inconnu me fait du chantage", "victime"),
    ("ils ont diffusé une vidéo de moi", "victime"),
    ("je suis victime de cyberharcèlement", "victime"),
    ("je reçois des insultes chaque jour", "victime"),
    ("des filles de ma classe m'insultent", "victime"),
    ("on raconte des horreurs sur moi", "victime"),
    # Auteurs
    ("c'est moi qui ai posté la vidéo", "auteur"),
    ("j'ai partagé la photo de Léa", "auteur"),
    ("j'ai harcelé une fille de ma classe", "auteur"),
    ("je regrette ce que j'ai fait", "auteur"),
    ("on m'accuse d'avoir harcelé un camarade", "auteur"),
    ("j'ai été méchant avec un garçon sur snap", "auteur"),
    # Ce qui ne dit pas qui écrit
    ("mon fils a insulté une camarade", None),
    ("mon fils harcèle un élève", None),
    ("ma fille a posté une photo d'une autre", None),
    ("ma mère m'aide", None),
    ("ma fille m'aide à écrire", None),
    ("j'ai deux enfants", None),
    ("c'est quoi le 3018", None),
    ("bonjour", None),
    ("je suis prof", "professionnel"),
    ("je suis prof et des élèves m'insultent", "victime"),
    ("j'ai partagé une photo de moi", None),
    ("c'est pas ma fille", None),
    ("je suis pas victime", None),
    ("mon ami m'aide", None),
    # SMS spelling turns « meuf » and « mec » into « fille » and « garçon »: not the writer's child all the same.
    ("ma meuf se fait harceler", None),
    ("mon mec se fait insulter", None),
]

REPORT_DATES = [
    # (text, pending, date_signalement, un_mois_passe)
    ("on a signalé il y a 5 semaines", None, "2026-10-18", "oui"),
    ("j'ai signalé le compte y a 3 jours", None, "2026-11-19", "non"),
    ("signalé depuis le 2 novembre, toujours rien", None, "2026-11-02", "non"),
    ("j'ai signalé hier", None, "2026-11-21", "non"),
    ("ça fait 2 mois qu'on a signalé", None, "2026-09-22", "oui"),
    ("ma demande date du 3 mars", None, "2026-03-03", "oui"),
    ("j'ai écrit à insta fin septembre", None, None, "oui"),
    ("aucune réponse depuis six semaines", None, "2026-10-11", "oui"),
    ("on a signalé la semaine dernière", None, None, "non"),
    ("j'ai signalé en septembre", None, None, "oui"),
    ("10 jours", "un_mois_passe", "2026-11-12", "non"),
    ("hier", "un_mois_passe", "2026-11-21", "non"),
    ("avant-hier", "un_mois_passe", "2026-11-20", "non"),
    ("ce matin", "un_mois_passe", "2026-11-22", "non"),
    ("ça fait deux mois", "un_mois_passe", "2026-09-22", "oui"),
    ("un mois", "un_mois_passe", "2026-10-22", "oui"),
    ("un mois pile", "un_mois_passe", "2026-10-22", "oui"),
    ("il y a un mois", "un_mois_passe", "2026-10-22", "oui"),
    ("plus d'un mois", "un_mois_passe", None, "oui"),
    ("moins d'un mois", "un_mois_passe", None, "non"),
    ("pas encore un mois", "un_mois_passe", None, "non"),
    ("presque un mois", "un_mois_passe", None, "non"),
    ("presque deux mois", "un_mois_passe", None, "oui"),
    ("bientôt trois semaines", "un_mois_passe", None, "non"),
    ("ça va faire deux mois", "un_mois_passe", None, "oui"),
    ("deux bons mois", "un_mois_passe", "2026-09-22", "oui"),
    ("un petit mois", "un_mois_passe", None, None),
    ("trois petites semaines", "un_mois_passe", "2026-11-01", "non"),
    ("on entame la neuvième semaine", "un_mois_passe", None, "oui"),
    ("c'est la 3e semaine", "un_mois_passe", None, "non"),
    ("on est dans le deuxième mois", "un_mois_passe", None, "oui"),
    ("Cela fait cinq semaines vendredi.", "un_mois_passe", "2026-10-18", "oui"),
    ("3 semaines", "un_mois_passe", "2026-11-01", "non"),
    ("trois semaines", "un_mois_passe", "2026-11-01", "non"),
    ("quinze jours", "un_mois_passe", "2026-11-07", "non"),
    ("une quinzaine", "un_mois_passe", "2026-11-07", "non"),
    ("une vingtaine de jours", "un_mois_passe", None, "non"),
    ("1 mois et demi", "un_mois_passe", "2026-10-07", "oui"),
    ("un mois et trois jours", "un_mois_passe", "2026-10-19", "oui"),
    ("72h", "un_mois_passe", "2026-11-19", "non"),
    ("15j", "un_mois_passe", "2026-11-07", "non"),
    ("2 ans", "un_mois_passe", "2024-11-22", "oui"),
    ("lundi", "un_mois_passe", "2026-11-16", "non"),
    ("dimanche", "un_mois_passe", "2026-11-15", "non"),
    ("le 2 novembre", "un_mois_passe", "2026-11-02", "non"),
    ("le 2", "un_mois_passe", "2026-11-02", "non"),
    ("le 1er octobre", "un_mois_passe", "2026-10-01", "oui"),
    ("le 12 décembre", "un_mois_passe", "2025-12-12", "oui"),
    ("2/11", "un_mois_passe", "2026-11-02", "non"),
    ("le 02/10/2026", "un_mois_passe", "2026-10-02", "oui"),
    ("02.11.2026", "un_mois_passe", "2026-11-02", "non"),
    ("2026-09-30", "un_mois_passe", "2026-09-30", "oui"),
    ("depuis la rentrée", "un_mois_passe", None, "oui"),
    ("cet été", "un_mois_passe", None, "oui"),
    ("en septembre", "un_mois_passe", None, "oui"),
    ("début novembre", "un_mois_passe", None, "non"),
    ("quelques jours", "un_mois_passe", None, "non"),
    ("plusieurs mois", "un_mois_passe", None, "oui"),
    ("des mois", "un_mois_passe", None, "oui"),
    ("super longtemps", "un_mois_passe", None, "oui"),
    ("l'année dernière", "un_mois_passe", None, "oui"),
    ("pas longtemps", "un_mois_passe", None, "non"),
    ("cette semaine", "un_mois_passe", None, "non"),
    ("il y a 10 jours", "reponse_plateforme", "2026-11-12", "non"),
    ("oui hier", "plateforme_alertee", "2026-11-21", "non"),
    ("oui, il y a deux mois", "plateforme_alertee", "2026-09-22", "oui"),
    # On the edge of the month, or uncertain: nothing.
    ("fin octobre", "un_mois_passe", None, None),
    ("environ un mois", "un_mois_passe", None, None),
    ("peut-être un mois", "un_mois_passe", None, None),
    ("3 ou 4 semaines, ou 5", "un_mois_passe", None, None),
    ("entre deux semaines et deux mois", "un_mois_passe", None, None),
    ("quelques semaines", "un_mois_passe", None, None),
    ("le mois dernier", "un_mois_passe", None, None),
    ("un bail", "un_mois_passe", None, None),
    ("je sais plus", "un_mois_passe", None, None),
    ("le 31/02", "un_mois_passe", None, None),
    # Not about the report.
    ("ça dure depuis 2 ans, on m'insulte", None, None, None),
    ("il m'insulte depuis 3 semaines", None, None, None),
    ("j'ai signalé le compte qui m'insulte depuis 3 mois", None, None, None),
    ("mon fils de 13 ans est insulté", None, None, None),
    ("la vidéo a été postée hier", None, None, None),
    ("on a pas signalé, ça a commencé hier", None, None, None),
    ("non, je l'ai découvert hier", "plateforme_alertee", None, None),
    ("dans 3 jours", "reponse_plateforme", None, None),
]

PLATFORMS = [
    ("sur insta", ["instagram"]),
    ("sur Snap et TikTok", ["snapchat", "tiktok"]),
    ("tiktok puis snap puis tik tok", ["tiktok", "snapchat"]),
    ("un groupe WhatsApp", ["whatsapp"]),
    ("what's app", ["whatsapp"]),
    ("sur ig", ["instagram"]),
    ("fb messenger", ["messenger"]),
    ("sur X on m'insulte", ["x"]),
    ("plein de tweets sur moi", ["x"]),
    ("un NGL", ["ngl"]),
    ("il m'a écrit sur insta.Il me menace", ["instagram"]),
    ("insta/snap", ["instagram", "snapchat"]),
    ("sur l'ENT du lycée", ["ent"]),
    ("sur l'appli Signal", ["signal"]),
    ("par sms", ["sms"]),
    ("c'est pas sur insta, c'est sur snap", ["snapchat"]),
    ("porter plainte contre X", []),
    ("je veux signaler", []),
    ("il m'a jeté en face", []),
    ("quel est le signal", []),
    ("un mail", []),
    ("c'est instable", []),
    ("ngl c'est dur", []),
    ("son visage", []),
]

MINOR_WRITERS = [
    ("j'ai 14 ans", True),
    ("chui en 3eme", True),
    ("on m'insulte dans mon collège", True),
    ("mes parents vont me tuer", True),
    ("mes profs s'en foutent", True),
    ("j'ai peur d'en parler à mes parents", True),
    ("j'ai 19 ans", False),
    ("mon fils a 14 ans", False),
    ("je suis prof dans mon collège", False),
    ("je suis à la fac, mes profs s'en fichent", False),
    ("ma fille est en 3e", False),
    ("mes élèves se moquent de lui dans ma classe", False),
]

SCHOOL = [
    ("des élèves de sa classe se moquent de lui", "oui"),
    ("des gens de mon lycée m'insultent", "oui"),
    ("un camarade de classe a posté ça", "oui"),
    ("sur le groupe de la classe", "oui"),
    ("le whatsapp de la classe", "oui"),
    ("au lycée on m'insulte", "oui"),
    ("toute ma classe se moque", "oui"),
    ("ça circule dans tout le collège", "oui"),
    ("dans sa classe", "oui"),
    ("rien à voir avec l'école", "non"),
    ("aucun rapport avec le collège", "non"),
    ("c'est pas des gens de mon école", "non"),
    ("d'anciens camarades de classe", None),
    ("une école de commerce", None),
    ("je sais pas si c'est des gens du lycée", None),
    ("des gens d'un autre collège", None),
    ("il ne veut plus aller à l'école", None),
]

PUBLIC = [
    ("sur un groupe WhatsApp", "non"),
    ("dans un groupe privé", "non"),
    ("un groupe snap", "non"),
    ("en message privé", "non"),
    ("par sms", "non"),
    ("il m'écrit en message privé", "non"),
    ("c'est un compte public", "oui"),
    ("c'est public", "oui"),
    ("tout le monde peut voir", "oui"),
    ("visible par tous", "oui"),
    ("tlm peut le voir", "oui"),
    ("des avis google", "oui"),
    ("n'importe qui peut tomber dessus", "oui"),
    ("c'est pas public", "non"),
    ("je sais pas si c'est public", None),
    ("c'est pas un groupe privé", None),
    ("rien sur google", None),
    ("il menace de tout publier", None),
    ("le service public", None),
    ("on m'a envoyé la réponse par mail", None),
]

AUTHORS = [
    ("mon ex me harcèle", "oui"),
    ("son ex publie des photos d'elle", "oui"),
    ("une fille de ma classe", "oui"),
    ("un camarade de sa classe", "oui"),
    ("mon collègue m'insulte", "oui"),
    ("on sait très bien qui c'est", "oui"),
    ("un compte anonyme", "non"),
    ("des messages anonymes", "non"),
    ("un numéro masqué m'appelle", "non"),
    ("un numéro inconnu", "non"),
    ("je ne sais pas qui c'est", "non"),
    ("jsp qui est derrière", "non"),
    ("auteur inconnu", "non"),
    ("un inconnu me menace", "non"),
    ("je crois que c'est mon ex", None),
    ("peut-être une fille de ma classe", None),
    ("un compte anonyme mais je sais qui c'est", None),
    ("c'est pas mon ex", None),
    ("j'ai envoyé une photo à mon ex", None),
    ("je veux rester anonyme", None),
]

ALERTED = [
    ("on a signalé", "oui"),
    ("j'ai signalé à insta", "oui"),
    ("g signalé le compte", "oui"),
    ("je l'ai signalé plusieurs fois", "oui"),
    ("c'est déjà signalé", "oui"),
    ("j'ai fait un signalement", "oui"),
    ("j'ai écrit à Facebook", "oui"),
    ("mon mari a signalé la page", "oui"),
    ("malgré mes signalements", "oui"),
    ("j'ai pas signalé", "non"),
    ("on n'a rien signalé", "non"),
    ("pas encore signalé", "non"),
    ("on a pas encore signalé", "non"),
    ("personne n'a signalé", "non"),
    ("j'ai signalé à la police", None),
    ("on a signalé au collège", None),
    ("j'ai tout signalé au directeur", None),
    ("signalé sur pharos", None),
    ("comment signaler ?", None),
    ("faut-il signaler", None),
    ("ils ont signalé mon compte", None),
    ("j'ai peur de signaler", None),
]

ANSWERS = [
    ("on a signalé, toujours rien", None, "attente"),
    ("j'ai signalé et aucune réponse", None, "attente"),
    ("j'ai signalé à tiktok, pas de réponse", None, "attente"),
    ("on a signalé il y a 5 semaines et rien", None, "attente"),
    ("g signalé mais insta repond pas", None, "attente"),
    ("toujours rien", "reponse_plateforme", "attente"),
    ("aucune nouvelle", "reponse_plateforme", "attente"),
    ("ils ont pas répondu", "reponse_plateforme", "attente"),
    ("ils ont refusé", "reponse_plateforme", "refus"),
    ("ça ne viole pas leurs règles", "reponse_plateforme", "refus"),
    ("ils disent que ça n'enfreint pas les règles", None, "refus"),
    ("apparemment ça respecte leurs standards", None, "refus"),
    ("on a signalé, ils refusent de supprimer", None, "refus"),
    ("classé sans suite", "reponse_plateforme", "refus"),
    ("ils ont supprimé", "reponse_plateforme", "retire"),
    ("on a signalé et ils ont retiré la vidéo", None, "retire"),
    ("j'ai signalé, compte fermé", None, "retire"),
    ("la photo a été supprimée", "reponse_plateforme", "retire"),
    ("ils n'ont pas supprimé", "reponse_plateforme", None),
    ("ils l'ont retirée puis remise", "reponse_plateforme", None),
    ("la vidéo n'a pas été supprimée", "reponse_plateforme", None),
    ("ils ont supprimé", None, None),
    ("le collège a refusé", None, None),
    ("toujours rien", None, None),
    ("j'ai signalé, aucune réponse du collège", None, None),
    ("ils ont supprimé mon compte", "reponse_plateforme", None),
]

SEARCH_ENGINES = [
    ("quand on tape son nom sur google ça sort", "oui"),
    ("si on cherche mon nom on tombe dessus, ça sort en premier sur Google", None),
    ("en tapant mon nom dans google on tombe sur la vidéo", "oui"),
    ("ça apparaît dans les résultats google", "oui"),
    ("c'est le premier résultat sur google", "oui"),
    ("ça ne sort pas sur google", "non"),
    ("rien sur google", "non"),
    ("quand je tape mon nom il n'y a rien", "non"),
    ("je sais pas si ça sort sur google", None),
    ("j'ai peur que ça sorte sur google", None),
    ("j'ai cherché sur google comment faire", None),
    ("personne ne le trouve sur google", None),
]


@pytest.mark.parametrize("text", MINOR)
def test_victim_is_under_18(text: str) -> None:
    assert value(text, "victime_mineure") == "oui"


@pytest.mark.parametrize("text", ADULT)
def test_victim_is_an_adult(text: str) -> None:
    assert value(text, "victime_mineure") == "non"


@pytest.mark.parametrize("text", AGE_NOT_OF_THE_VICTIM)
def test_age_of_somebody_else_or_no_age_at_all(text: str) -> None:
    assert value(text, "victime_mineure") is None


@pytest.mark.parametrize(("text", "expected"), AGE_ANSWERS)
def test_answer_to_the_question_of_the_age(text: str, expected: str | None) -> None:
    assert value(text, "victime_mineure", "victime_mineure") == expected


@pytest.mark.parametrize(("text", "expected"), PROFILES)
def test_who_writes(text: str, expected: str | None) -> None:
    assert value(text, "profil") == expected


@pytest.mark.parametrize(("text", "pending", "day", "month"), REPORT_DATES)
def test_when_the_platform_was_asked(text: str, pending: str | None, day: str | None, month: str | None) -> None:
    assert value(text, "date_signalement", pending) == day
    assert value(text, "un_mois_passe", pending) == month


@pytest.mark.parametrize(("text", "expected"), PLATFORMS)
def test_platforms_in_the_order_said(text: str, expected: list[str]) -> None:
    assert values(text, "plateforme") == expected


@pytest.mark.parametrize(("text", "expected"), MINOR_WRITERS)
def test_writer_is_a_pupil(text: str, expected: bool) -> None:
    assert value(text, "redacteur_mineur") == ("oui" if expected else None)


@pytest.mark.parametrize(("text", "expected"), SCHOOL)
def test_school(text: str, expected: str | None) -> None:
    assert value(text, "cadre_scolaire") == expected


@pytest.mark.parametrize(("text", "expected"), PUBLIC)
def test_public_or_private(text: str, expected: str | None) -> None:
    assert value(text, "contenu_public") == expected


@pytest.mark.parametrize(("text", "expected"), AUTHORS)
def test_author_known_or_not(text: str, expected: str | None) -> None:
    assert value(text, "auteur_connu") == expected


@pytest.mark.parametrize(("text", "expected"), ALERTED)
def test_platform_was_asked(text: str, expected: str | None) -> None:
    assert value(text, "plateforme_alertee") == expected


@pytest.mark.parametrize(("text", "pending", "expected"), ANSWERS)
def test_what_the_platform_answered(text: str, pending: str | None, expected: str | None) -> None:
    assert value(text, "reponse_plateforme", pending) == expected


@pytest.mark.parametrize(("text", "expected"), SEARCH_ENGINES)
def test_search_engines(text: str, expected: str | None) -> None:
    assert value(text, "moteur_recherche") == expected


def test_a_whole_story_at_once() -> None:
    text = (
        "mon fils de 13 ans est insulté sur un groupe WhatsApp par des élèves de sa classe,"
        " on a signalé il y a 5 semaines et rien"
    )
    assert {found.slot: found.value for found in extract(text, TODAY)} == {
        "profil": "parent",
        "victime_mineure": "oui",
        "plateforme": "whatsapp",
        "contenu_public": "non",
        "cadre_scolaire": "oui",
        "auteur_connu": "oui",
        "plateforme_alertee": "oui",
        "reponse_plateforme": "attente",
        "date_signalement": "2026-10-18",
        "un_mois_passe": "oui",
    }


def test_offsets_are_those_of_the_normalised_text() -> None:
    text = "Ma fille (13 ans) est insultée sur Insta !"
    found = {one.slot: one for one in extract(text, TODAY)}
    plain = normalise(text)
    assert plain[found["plateforme"].start : found["plateforme"].end] == "insta"
    assert plain[found["victime_mineure"].start : found["victime_mineure"].end] == "13 ans"


def test_offsets_of_a_name_whose_capitals_count() -> None:
    text = "Bonjour, on m'insulte sur X depuis un mois"
    (found,) = (one for one in extract(text, TODAY) if one.slot == "plateforme")
    assert normalise(text)[found.start : found.end] == "sur x"


@pytest.mark.parametrize("text", ["", " ", "?!", "👍", "a" * 20_000])
def test_nothing_to_read(text: str) -> None:
    assert extract(text, TODAY) == ()


def test_text_beyond_the_limit_is_not_read() -> None:
    assert extract("bla " * (READ_LIMIT // 4) + "sur Insta, sur X", TODAY) == ()


@pytest.mark.parametrize("today", [date(2026, 1, 1), date(2024, 2, 29), date(2026, 3, 31), date(2026, 12, 31)])
@pytest.mark.parametrize("text", ["hier", "2 mois", "le 31", "lundi", "le 12 décembre", "29/02", "cet été", "noël"])
def test_dates_are_never_in_the_future(text: str, today: date) -> None:
    days = [found.value for found in extract(text, today, "un_mois_passe") if found.slot == "date_signalement"]
    assert all(date.fromisoformat(day) <= today for day in days)


def test_same_text_gives_the_same_facts() -> None:
    text = "on m'insulte sur snap et tiktok, j'ai 14 ans"
    assert extract(text, TODAY) == extract(text, TODAY)
    assert all(isinstance(found, Found) for found in extract(text, TODAY))


def test_a_hundred_words_are_read_fast() -> None:
    text = "mon fils de 13 ans est insulté sur un groupe WhatsApp par des élèves de sa classe. " * 6
    extract(text, TODAY)
    start = time.perf_counter()
    for _ in range(20):
        extract(text, TODAY)
    # Measured below 1.5 ms; ten times that on a busy machine.
    assert (time.perf_counter() - start) / 20 < 0.015


@pytest.mark.parametrize(
    ("expression", "problem"), [("mon {cheval}", "no fragment « cheval »"), ("mon (fils", "missing \\)")]
)
def test_a_wrong_expression_is_named(tmp_path: Path, expression: str, problem: str) -> None:
    path = tmp_path / "lexicon.yml"
    path.write_text(
        f"morceaux: {{}}\nnombres: {{un: 1}}\npersonnes:\n  - {{role: tiers, genre: m, dit: '{expression}'}}\n",
        encoding="utf-8",
    )
    with pytest.raises(ValueError, match=problem):
        load_lexicon(path)


@pytest.mark.parametrize(
    "text", ["mon fils ", "a 13 ans ", "j ai ", "un mois et ", "pas ", "signale ", "mes ", "le 2 ", "quand on tape "]
)
def test_long_and_odd_texts_are_read_in_bounded_time(text: str) -> None:
    start = time.perf_counter()
    extract(text * (READ_LIMIT // len(text)), TODAY, "un_mois_passe")
    assert time.perf_counter() - start < 1


def test_every_rule_gives_a_value_of_the_contract() -> None:
    allowed = {"oui", "non", "attente", "refus", "retire", "victime", "parent", "temoin", "professionnel", "auteur"}
    for rules in load_lexicon().rules.values():
        assert {rule.value for rule in rules} <= allowed | {None}
