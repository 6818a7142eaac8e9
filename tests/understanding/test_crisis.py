"""Signs of crisis: what must raise an alert, what must stay calm, what is only quoted."""

from pathlib import Path

import pytest

from boussole.understanding import crisis
from boussole.understanding.crisis import LEVELS, Signs, detect
from boussole.understanding.normalise import READ_LIMIT

# Suicidal thoughts, self-harm, goodbyes: the writer, a child, a friend, a pupil, an author.
SUICIDE = """
je veux mourir
j'veux crever
jveux mourir frr
jveu plus vivre
j'ai envie de mourir depuis ce matin
g envi de crevé
jé plus envi de vivre
je veux plus être là
j'ai plus envie d'exister
je ne souhaite plus vivre
à quoi bon continuer à vivre
je pense à me suicider
je vais me suicidé
jvais me suissider
je vé me swicider
suicid
l'idée du sui6d me quitte pas
je pense tous les jours à me tuer
je vais me tuer ce soir
si ça continue je me tue
je vais me pendre
jvais me buter
j'ai envie de me foutre en l'air
jvé me foutre en lair
j'ai envie de me tirer une balle
je vais me jeter sous le train
je vais sauter du balcon
je pense à me jeter par la fenêtre
j'ai failli sauter du pont hier
je veux en finir
j'ai envie d'en finir avec la vie
je veux mettre fin à mes jours
il a voulu mettre fin à ses jours
je voudrais m'endormir et ne plus me réveiller
j'aimerais dormir et jamais me réveiller
si seulement je pouvais ne pas me réveiller demain
je serai plus là demain
demain je ne serai plus là
vous serez mieux sans moi
tout le monde serait plus heureux sans moi
ma famille serait soulagée si je disparaissais
je suis un poids pour mes parents
je ne manquerai à personne
j'ai écrit une lettre d'adieu
j'ai laissé une lettre pour mes parents sur mon bureau
elle a écrit une lettre à toute la famille
ma fille a laissé un mot d'adieu
il compte ses médicaments le soir
elle garde des cachets sous son oreiller
j'ai avalé une boîte de doliprane
elle a pris toute la boîte de somnifères
j'ai avalé plein de medocs
jai gobé tous les cachets
elle a bu de la javel
elle a donné toutes ses affaires à ses copines
il a distribué ses jeux à ses amis
mon fils a donné sa console préférée et ses mangas
elle se coupe les bras
ma fille se scarifie
je me scarifie les cuisses
je me skarifie
je me taillade les poignets
il s'est ouvert les veines
je me coupe le soir
ma copine se coupe dans les toilettes
mon ami se fait du mal
elle se fait du mal en cachette
je me fais du mal
j'ai envie de me faire du mal
elle s'automutile
je me mutile depuis deux mois
j'ai trouvé des lames de rasoir dans sa chambre
elle cache un cutter dans sa trousse
il a des marques sur les poignets
elle a plein de traces de coupures sur les bras
il a fait une TS l'été dernier et il reparle de mourir
ma sœur a fait une tentative de suicide hier
elle a tenté de se pendre
mon frère a essayé de se tuer
mon ami veut se suicider
mon pote dit qu'il va se foutre en l'air
ma meilleure amie m'a dit qu'elle voulait mourir
mon fils de 13 ans dit qu'il veut mourir
ma fille ne veut plus vivre
mon mari parle de se pendre
une élève m'a confié qu'elle a des idées noires
un élève tient des propos suicidaires
un de mes élèves a parlé d'en finir
j'ai des idées noires tous les soirs
j'ai des pensées suicidaires
il a des idées suicidaires
j'ai des envies de mort
je pense souvent à la mort
la mort serait un soulagement
je préfère mourir que retourner là-bas
plutôt mourir que de vivre cette honte
je voudrais être mort
j'aimerais être morte
je serais mieux morte
si j'étais mort ils seraient contents
si je mourais personne ne le verrait
personne ne pleurera si je meurs
je veux disparaître pour toujours
j'ai envie de disparaître
elle dit qu'elle veut disparaître à jamais
je veux quitter ce monde
je veux plus être de ce monde
je n'ai plus la force de vivre
j'en ai marre de vivre
je suis fatigué de vivre
jsuis fatigué de la vie
ma vie n'a plus de sens
la vie ne vaut plus la peine
je mérite pas de vivre
j'aurais préféré ne jamais naître
je n'aurais jamais dû naître
adieu
adieu à tous, je vous aime
c'est mon dernier message
dites à maman que je l'aime et que je suis désolé
pardon maman pardon papa
prenez soin de ma petite sœur
est-ce que ça fait mal de mourir
comment mourir sans souffrir
combien de doliprane pour mourir
quelle dose est mortelle
je vais faire une bêtise
j'ai peur qu'elle fasse une bêtise
elle est capable de faire une connerie cette nuit
je vais commettre l'irréparable
j'ai peur de passer à l'acte
il veut rejoindre sa mamie au ciel
je veux rejoindre mon père au paradis
je pense à la corde dans le garage
j'ai sorti le fusil et je l'ai regardé
j'ai une boîte de cachets devant moi
chu pus capable de vivre
j'ai le goût de mourir
je veux m'enlever la vie
la vie-là m'a fatigué je veux mourir
il vaut mieux que je meure
autant que je crève
laissez-moi crever
il menace de se tuer si on publie
celui qui me harcelait dit maintenant qu'il veut se tuer
j'ai partagé la vidéo d'une fille et elle a voulu mourir
kms
i want to die
j'ai pas peur de la mort, je l'attends
je ne passerai pas l'hiver
tu lui diras que je l'aimais, je pars pour toujours
mon fils n'a plus envie de vivre depuis la vidéo
ma nièce s'est entaillé les avant-bras
mon copain s'est jeté du pont
on l'a retrouvée avec une ceinture autour du cou
ils me disent de me tuer et je commence à y penser
on lui écrit de crever et maintenant elle veut mourir
je regarde les rails et j'ai envie de sauter
j ai plus aucune raison de vivre
je vois plus d'issue
je ne veux plus être un fardeau
ça sert à rien que je vive
mourir, je ne pense qu'à ça
J'ENVISAGE DE METTRE FIN A MES JOURS
jv me tué
je veut mourrir
ma mère de 80 ans dit qu'elle voudrait s'en aller pour de bon
elle a été hospitalisée après avoir avalé des comprimés
je me brûle avec un briquet exprès
il se tape la tête contre les murs
je m'en veux tellement que je vais me pendre dans la grange
"""

# Physical danger, now or about to be.
DANGER = """
il est devant chez moi
ils sont devant ma porte
mon ex est en bas de mon immeuble
il est en bas de chez moi avec un couteau
il tape à la porte
il défonce la porte
il essaie d'entrer chez moi
quelqu'un force la serrure
il tourne autour de ma maison
ils m'attendent à la sortie du collège
des mecs m'attendent devant le lycée
il m'attend tous les soirs devant mon travail
ils sont devant la grille et ils m'attendent
un homme me suit dans la rue
il me suit jusqu'à chez moi
on me suit depuis la gare
une voiture me suit depuis le travail
je suis poursuivi par des gars
ils me courent après
il arrive avec un couteau
il arrive chez moi maintenant
ils viennent me frapper ce soir
il dit qu'il vient ce soir me tabasser
ils vont venir ce soir chez moi
il va passer ce soir pour me frapper
il sera là dans dix minutes avec ses potes et il vient me casser la gueule
il a un couteau
il a une arme
il a sorti un flingue
un élève a un couteau en classe
il me menace avec un couteau
il m'a menacée avec une arme
mon mari me frappe
mon copain me tape
mon ex me bat
il m'étrangle
ils me frappent
ils me tapent dessus
on me frappe tous les jours à la récré
ils sont en train de me tabasser
ils sont en train de le frapper
mon fils se fait tabasser en ce moment
je me fais frapper par mon mari
je viens de me faire agresser
je viens de me faire frapper
il vient de me frapper
je saigne
je saigne du nez, il m'a cogné
il m'a enfermée dans la cave
je suis enfermée dans sa voiture
il me séquestre
elle est séquestrée chez lui
il ne veut pas me laisser sortir
ils l'ont enfermé dans les toilettes
il m'a attachée
je suis cachée dans les toilettes, ils me cherchent
je me cache sous le lit, il est dans la maison
je suis dans sa voiture et il veut pas s'arrêter
il veut que je monte chez lui ce soir sinon il publie
il m'oblige à venir chez lui
il m'oblige à le rejoindre ce soir
j'ai rendez-vous ce soir avec un homme rencontré sur internet
je dois retrouver ce soir un inconnu de snap
ma fille est partie rejoindre un homme rencontré sur internet
ma fille de 13 ans doit rencontrer demain un adulte du jeu
appelez la police
appelez les secours vite
au secours
au secours il est dans la maison
à l'aide il va me tuer
venez vite
je suis en danger
on est en danger
ma vie est en danger
elle est en danger de mort
j'ai peur pour ma vie
il va me tuer ce soir
il a dit je vais te tuer ce soir
il m'a écrit demain t'es mort
ce soir ils vont me planter
ils vont me tomber dessus demain à la sortie
bagarre prévue ce soir contre mon frère
ils ont prévu de me frapper demain matin
ils veulent me tabasser ce soir
il connaît mon adresse et il est en route
il a mon adresse, il arrive
ils sont en route
il monte les escaliers
il est dans l'escalier
il est dans le jardin
y a quelqu'un dans ma maison
il y a un homme qui rôde devant chez moi
un type sonne sans arrêt à ma porte
ils jettent des pierres sur mes fenêtres
ils ont mis le feu à ma poubelle et ils sont dehors
il veut brûler ma maison ce soir
mon voisin frappe à ma porte avec une batte
des gens avec des machettes sont devant chez nous
ya des mecs en bas de ma tour ki mattende
jme fé suivre dans la rue la
ils m'attendent en bas
je peux pas parler il est à côté
je ne peux pas parler, il m'entend
ils lui ont planté un couteau
il a été poignardé
ma copine se fait frapper par son mec
ma sœur est battue par son mari tous les soirs
mon conjoint m'a mis un coup de poing ce matin
il me donne des coups de pied
il m'a serré la gorge
il me traîne par les cheveux
il me plaque contre le mur
il m'empêche de sortir de l'appartement
il m'a pris mon passeport
ils ont kidnappé mon frère
il essaie de me faire monter dans sa voiture
un homme attend ma fille devant l'école
un adulte suit ma fille en rentrant de l'école
il a promis de venir demain avec ses cousins
ils viennent avec des battes
ses frères arrivent pour me frapper
mon ex vient d'arriver devant chez moi
mon ex est revenu, il est dehors et il hurle
il crie devant ma fenêtre
il est à la porte
il est dans mon immeuble
elle est en bas avec ses copines, elles m'attendent
ils me bloquent dans les vestiaires
ils m'ont coincé dans les toilettes
ils m'ont jeté par terre
on m'a aspergé d'essence
il pointe son arme sur moi
un élève armé est entré dans le lycée
il a un fusil et il va tirer dans le lycée
tuerie au lycée demain c'est écrit
je suis barricadée dans la salle de bain
je me suis réfugiée chez la voisine il me cherche
il revient ce soir et il va me frapper
il est ivre et violent, il arrive
mon père a pris un couteau
descends ou je monte il m'écrit, il est en bas
il m'a dit sors ou je casse ta porte
agression en cours
on est en train de m'agresser
ils sont quatre autour de moi
mon fils est coincé dans le bus, ils le frappent
il veut me rencontrer ce soir et menace de tout publier si je viens pas
il me force à le retrouver à la gare demain
il va me défoncer ce soir à la sortie
le gars du jeu vient me chercher ce soir
un monsieur d'internet passe me prendre demain
ils ont cassé la vitre de ma chambre
ils me suivent en scooter
chu suivie dans rue, y'est en arrière de moi
les gens là veulent me tuer, ils sont arrivés au portail
il a un gun
"""

# A child in danger at home, or by an adult.
ENFANCE = """
mon père me frappe
ma mère me tape
mon beau-père me frappe
mes parents me frappent
mes parents me battent
mon daron me tape
mon reup me frappe
ma belle-mère me gifle
mon père me donne des coups de ceinture
mon père me tape avec une ceinture
ma mère me frappe avec un bâton
mon oncle me frappe
ma tante me tape dessus
mon grand-père me touche
papi me touche
mon oncle me touche
mon tonton me touche quand on est seuls
mon beau-père me touche
mon beau-père vient dans mon lit
mon père vient dans ma chambre la nuit et me touche
le copain de ma mère me touche
le copain de maman m'a touchée
mon cousin m'a violée
mon père me viole
mon coach m'a touché
mon entraîneur m'a embrassée de force
mon prof m'a touché la cuisse
le prof de sport met ses mains sur moi
le surveillant de l'internat touche des élèves
l'animateur a touché mon fils
un voisin a tripoté ma fille
mon frère me viole
mon grand frère me frappe tous les jours
mon père frappe ma mère
papa tape maman
mon beau-père bat ma petite sœur
ma mère étrangle mon petit frère
mon père nous frappe
ils nous tapent à la maison
à la maison on me frappe
chez moi je me fais frapper
je me fais taper à la maison
on me bat chez moi
mon père me met des claques tous les soirs
ma mère me met des gifles
il me frappe mon beau-père
je suis frappé par mon père
je suis battue par ma mère
je suis maltraitée par mon beau-père
mon père m'enferme dans la cave
ma mère m'enferme dans ma chambre à clé
mon beau-père m'enferme dans le placard
mes parents m'enferment
ma mère me prive de nourriture
mon père me prive de manger
ma belle-mère ne me donne pas à manger
on me donne pas à manger à la maison
mes parents me laissent dormir dehors
mon père m'a mis dehors cette nuit, j'ai 14 ans
j'ai peur de rentrer chez moi
j'ai peur de rentrer à la maison
elle ne veut plus rentrer chez elle
il a peur de rentrer chez lui le soir
j'ai peur de mon père
j'ai peur de mon beau-père
ma fille ne veut plus aller chez son père
mon fils a peur d'aller chez son père
je veux fuguer parce que mon père me tape
elle a fugué parce que son beau-père la frappe
mon beau-père me force à faire des photos nue
mon beau-père m'oblige à poser nue
le copain de ma mère prend des photos de moi sous la douche
mon oncle me demande des photos nues
mon père me filme sous la douche
mon coach me demande des photos nue
ma mère me force à me prostituer
ils veulent me marier de force
mes parents veulent me marier au bled
on veut m'exciser cet été
je subis des attouchements
ma fille a subi des attouchements
mon fils a été violé
ma fille de 8 ans a été touchée par son oncle
mon ex frappe notre fils
mon mari frappe les enfants
mon conjoint bat ma fille
ma voisine frappe son bébé
mes voisins battent leurs enfants
j'entends mon voisin frapper son fils
un élève a des traces de coups
un de mes élèves est battu par son père
une élève m'a dit que son père la frappe
une élève m'a confié que son beau-père la touche
un enfant de ma classe arrive avec des bleus
je suspecte une maltraitance sur un élève
la petite a des bleus partout, c'est son père
mon copain se fait frapper par son père
mon ami est battu par ses parents
ma copine est frappée par sa mère
ma meilleure amie se fait toucher par son oncle
sa mère le frappe avec une rallonge
son père la séquestre
son beau-père la bat
ma nièce est maltraitée chez sa mère
mon petit-fils est maltraité par sa mère
mes parents me tapent si j'ai une mauvaise note
mon père m'a cassé le bras
ma mère m'a brûlé avec une cigarette
mon père m'a jeté par terre
papa m'a poussé dans l'escalier
maman me tire les cheveux et me frappe
mon père boit et il me frappe
ma mère est ivre et elle nous frappe
mon père devient violent quand il boit
il y a de la violence à la maison, mon père nous tape
on me frappe au foyer, c'est l'éducateur
en famille d'accueil on me tape
la nounou tape mon bébé
la nourrice frappe les enfants
la maîtresse a giflé mon fils
le prof a frappé un élève
le maître coranique frappe les enfants
le curé a touché mon fils
l'imam m'a touché
un adulte rencontré sur internet m'a forcé à me déshabiller
un homme de 40 ans rencontré sur snap m'a emmenée chez lui
un homme de 35 ans oblige ma fille à se montrer nue
ma fille a rencontré un adulte d'internet
ma fille de 12 ans a couché avec un homme de 30 ans
l'adulte du jeu m'a touchée quand on s'est vus
il a 45 ans et il m'a fait venir chez lui, j'ai 13 ans
un majeur m'oblige à faire des choses devant la caméra, j'ai 12 ans
mon père me tape, svp ne le dites pas
mon pere ma frapé hier soir encore
ma mere elle me tape tt le temp
mon beau pere i me touche
mon tuteur me frappe
mon parrain m'a touchée
mes grands-parents me tapent
ma grand-mère me frappe avec un balai
ils me font dormir dans le garage
ma mère me laisse seul plusieurs jours sans manger
mon père va me tuer, il m'a déjà cassé une dent
il me frappe à coups de câble, mon père
daddy non, mon papa me chicote chaque soir
mon père m'a fouetté
ma mère m'a roué de coups
mon beau-père me serre la gorge
le mari de ma mère me frappe
le copain de ma sœur me touche
mon cousin plus âgé me touche la nuit
l'ami de papa m'a touché
violences intrafamiliales sur un enfant de ma classe
mon frère me frappe à la maison et mes parents laissent faire
un garçon de ma classe est frappé par sa mère
"""

# Idioms, denials, the past, games and films, threats without a time, ordinary descriptions.
CALM = """
mort de rire
mdr je suis mort
je suis morte de honte
j'étais mort de peur
je meurs de faim
je suis crevée ce soir
ça me tue de lire ça
ça me tue
je suis mort de fatigue
il fait une chaleur à crever
c'est à mourir de rire
je m'ennuie à mourir
j'ai failli mourir de honte
mon téléphone est mort
la batterie est morte
mon chien est mort la semaine dernière
la mort de mon père m'a fait du mal
ma grand-mère est décédée l'an dernier
un exposé sur le suicide
un film qui parle de suicide
dans le film le héros se suicide à la fin
j'ai vu un reportage sur le suicide des jeunes
suicide squad c'est bien
je me suis fait tuer à fortnite
je me suis fait défoncer au foot
on s'est fait tuer au dernier niveau
non, elle n'a pas d'idées noires
il n'a pas d'idées suicidaires
je ne veux pas mourir
j'ai pas envie de mourir
je ne pense pas au suicide
personne ne parle de suicide
aucune idée noire
elle ne se scarifie pas
non je ne me fais pas de mal
jamais je ne ferais une bêtise
il y a 5 ans j'ai pensé au suicide, plus maintenant
j'ai eu des idées noires, c'est derrière moi
quand j'étais jeune j'ai voulu mourir
c'est une façon de parler
je rigole, c'était pour rire
je suis fatigué mais ça va
personne n'est en danger
pas de danger
il n'y a pas de danger
non il n'est pas en danger
tout va bien à la maison
mes parents ne me frappent pas
mon père ne m'a jamais touché
mon père va me tuer s'il voit ma note
ma mère va me tuer quand elle saura
mes parents vont me tuer s'ils apprennent ça
mon père va me défoncer quand il verra la facture
mon père m'a confisqué mon téléphone
ma mère m'a privé de sortie
je suis puni, plus de console
mon père est gentil
on m'insulte sur instagram
ils se moquent de moi dans le groupe de la classe
un faux compte publie mes photos
mon ex menace de publier des photos de moi
il menace de me frapper
il m'a dit qu'il allait me frapper un jour
il m'écrit qu'il va me casser la gueule
je reçois des menaces de mort sur twitter
quelqu'un a piraté mon compte
mon ex a publié ma vidéo intime
on me demande de l'argent contre une vidéo
des élèves ont créé un groupe pour se moquer de ma fille
ma fille reçoit des insultes tous les jours
mon fils est harcelé sur discord
mon fils est exclu du groupe de sa classe
une rumeur circule sur moi au lycée
il raconte partout que je suis une voleuse
ils ont mis mon adresse en ligne
mon numéro a été publié
on a fait un montage de moi
une ia a fait une photo nue de moi
on m'envoie des messages toute la nuit
un inconnu m'envoie des messages sexuels
un adulte demande des photos à ma fille sur snap
un homme m'a demandé des nudes
j'ai signalé à instagram
la plateforme n'a pas répondu
je veux porter plainte
j'ai porté plainte la semaine dernière
comment signaler une vidéo
comment supprimer un compte
je veux faire disparaître la vidéo
je voudrais que ces photos disparaissent
je voudrais supprimer mon compte
je veux en finir avec cette histoire
je veux que ça s'arrête
je n'en peux plus de ces messages
je suis à bout
elle pleure tous les soirs
il ne dort plus
je suis triste
je suis en colère
elle ne veut plus aller au collège
il a peur d'aller au lycée
j'ai peur de le dire à mes parents
j'ai honte
je suis dégoûté
merci pour tout
au revoir et merci
bonne soirée
bonjour
comment porter plainte
c'est quoi le 3018
le 3114 c'est quoi
à quoi sert pharos
à quoi bon signaler, ils répondent jamais
j'ai rendez-vous avec le proviseur demain
j'ai rendez-vous avec un avocat ce soir
j'attends mon bus devant le lycée
ma copine m'attend en bas
le facteur est devant la porte
la police est venue chez moi
mon copain vient chez moi ce soir
il me suit sur instagram
elle est suivie par un psy
je suis suivie par une psychologue
ma fille est enfermée dans sa chambre toute la journée
il s'enferme dans sa chambre
ils m'attaquent dans les commentaires
on me lynche sur les réseaux
je me fais démonter en commentaire
il m'a bloqué
ils m'ont viré du groupe
je me suis coupé le doigt en cuisinant
internet s'est coupé
il m'a coupé la parole
je me suis coupé les cheveux
j'ai mal au ventre
je prends des médicaments pour dormir
j'ai pris un doliprane pour ma tête
elle a sauté une classe
on a sauté un cours
j'ai donné mes vieux vêtements à Emmaüs
j'ai écrit une lettre au procureur
j'ai écrit une lettre recommandée à l'hébergeur
je suis le père d'une fille harcelée
je suis la mère d'un garçon insulté sur snap
je suis professeur, un élève est insulté
mon frère est insulté sur tiktok
ma sœur a reçu des photos
ma mère est au courant
mes parents savent tout
le coach est au courant
la prof a vu les messages
j'ai parlé à ma mère
je l'ai dit à mon père, il va porter plainte
il a une photo de moi
il a tapé mon nom sur google
elle tape ses messages la nuit
ce film est une tuerie
c'est la mort ce lundi
j'ai tué le boss
un couteau suisse pour noël
ma fille joue à la corde à sauter
on joue au loup-garou je suis mort
il habite à 500 km
je ne sais pas qui c'est
c'est un garçon de ma classe
sur facebook tout le monde peut voir
c'est un groupe privé
ça fait deux mois
depuis la rentrée
oui
non
je ne sais pas
je suis témoin
c'est moi qui ai insulté un camarade
j'ai partagé une vidéo et je regrette
j'ai fait une bêtise, j'ai envoyé une photo
j'ai fait une connerie j'ai donné mon code
"""

# A harasser's words, with no sign about the person who reports them.
QUOTED = """
ils me disent va te tuer
on m'écrit va mourir
il m'a dit crève
il m'écrit crève sale chienne
je reçois des messages suicide-toi
des messages « tue-toi » tous les jours
il m'a envoyé va te pendre
ils lui disent de se tuer
ils lui écrivent de se suicider
on lui dit d'aller se pendre
elle m'a dit que je devrais mourir
ils disent que je mérite de crever
ils veulent que je meure
ils veulent que je me suicide
ils m'écrivent tue-toi vite et ils rient
on me souhaite la mort
ils me souhaitent de crever
kys sous toutes mes vidéos
tu devrais te suicider qu'il m'écrit
le monde serait mieux sans toi, voilà ce qu'ils écrivent
il m'a écrit je vais te tuer
il m'envoie des messages je vais te crever
elle a écrit t'es morte
il me dit tu vas mourir
pends-toi, c'est le message que ma fille a reçu
dans le groupe on lui a dit saute par la fenêtre, coupe-toi les veines
personne te regrettera, c'est leur message
pourquoi tu te suicides pas, ils lui demandent
ils m'incitent à me suicider
appels au suicide sous mes publications
on me conseille de me pendre
ils ont écrit crève sur mon mur
"""


def sentences(table: str) -> list[str]:
    return table.strip().splitlines()


@pytest.mark.parametrize("text", sentences(SUICIDE))
def test_suicidal_thoughts_and_self_harm_raise(text: str) -> None:
    assert "suicide" in detect(text).levels


@pytest.mark.parametrize("text", sentences(DANGER))
def test_physical_danger_raises(text: str) -> None:
    assert "danger" in detect(text).levels


@pytest.mark.parametrize("text", sentences(ENFANCE))
def test_a_child_in_danger_raises(text: str) -> None:
    assert "enfance" in detect(text).levels


@pytest.mark.parametrize("text", sentences(CALM))
def test_look_alikes_and_ordinary_descriptions_stay_calm(text: str) -> None:
    assert detect(text).levels == frozenset()


@pytest.mark.parametrize("text", sentences(QUOTED))
def test_words_of_a_harasser_are_quoted_and_raise_nothing(text: str) -> None:
    assert detect(text) == Signs(frozenset(), quoted=True)


@pytest.mark.parametrize("text", ["", "   ", "\n\n", "...", "<b>", "💀", "?"])
def test_a_message_without_words_shows_nothing(text: str) -> None:
    assert detect(text) == Signs(frozenset(), quoted=False)


@pytest.mark.parametrize(
    "text",
    [
        "je veux mourir",
        "JE VEUX MOURIR",
        "Je veux… mourir",
        "je veux mourirrrrr",
        "mdr je veux mourir",
        "je suis crevée, je veux mourir",
        "ils m'ont dit va te tuer. je veux mourir",
        "on se moque de moi sur snap\nje veux mourir",
    ],
)
def test_what_is_calm_beside_a_sign_does_not_hide_it(text: str) -> None:
    assert detect(text).levels == {"suicide"}


@pytest.mark.parametrize(
    "text",
    [
        "il y a 2 ans j'ai fait une TS, c'est derrière moi mais cette nuit je veux mourir",
        "j'ai eu des idées noires, ça allait mieux mais ça recommence",
    ],
)
def test_the_past_does_not_calm_what_comes_back(text: str) -> None:
    assert "suicide" in detect(text).levels


def test_a_message_may_show_several_levels() -> None:
    assert detect("mon père me frappe et je veux mourir").levels >= {"suicide", "enfance"}


def test_a_sign_about_the_person_leaves_nothing_merely_quoted() -> None:
    assert not detect("ils me disent va te tuer et je veux mourir").quoted


def test_a_written_threat_is_danger_only_when_it_is_near() -> None:
    assert detect("il m'écrit je vais te tuer").levels == frozenset()
    assert detect("il m'écrit je vais te tuer ce soir").levels == {"danger"}


def test_nothing_is_read_beyond_the_limit() -> None:
    assert detect("bonjour " * READ_LIMIT + "je veux mourir").levels == frozenset()


def test_a_sign_late_in_a_long_message_is_found() -> None:
    start = "on se moque de moi dans le groupe de la classe, tous les jours. "
    text = start * (READ_LIMIT // len(start) - 1) + "je veux mourir"
    assert detect(text).levels == {"suicide"}


def test_every_level_is_described() -> None:
    assert set(crisis._load().levels) == set(LEVELS)


@pytest.mark.parametrize(
    ("before", "after", "problem"),
    [
        ("adieux?", "adieux? <personne>", "no fragment <personne>"),
        ("adieux?", "adieux?(", "suicide.adieux et préparatifs"),
    ],
)
def test_a_mistake_in_the_expressions_is_named(tmp_path: Path, before: str, after: str, problem: str) -> None:
    text = (crisis.PROJECT / "knowledge" / "crisis.yml").read_text(encoding="utf-8")
    broken = tmp_path / "crisis.yml"
    broken.write_text(text.replace(f"'{before}'", f"'{after}'"), encoding="utf-8")
    with pytest.raises(ValueError, match=problem):
        crisis._load(broken)
