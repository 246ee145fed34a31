"""Determiners, adjectives and nouns with their features, worked out apart from the generator."""

from grammar_files import table

DETERMINERS = {
    "le": "ms",
    "la": "fs",
    "un": "ms",
    "une": "fs",
    "cet": "ms",
    "cette": "fs",
    "ce": "ms",
    "du": "ms",
    "au": "ms",
}
DETERMINERS |= {
    "les": "p",
    "des": "p",
    "ces": "p",
    "mes": "p",
    "tes": "p",
    "ses": "p",
    "nos": "p",
    "vos": "p",
    "leurs": "p",
}
DETERMINERS |= {"ma": "fs", "ta": "fs", "sa": "fs", "notre": "s", "votre": "s", "aux": "p", "deux": "p", "trois": "p"}
DETERMINERS |= {"quel": "ms", "quelle": "fs", "quels": "mp", "quelles": "fp", "l'": "s"}
FEMININES = """
beau belle, nouveau nouvelle, vieux vieille, bon bonne, long longue, blanc blanche, violet violette,
gentil gentille, discret discrète, fou folle, inquiet inquiète, cruel cruelle, attentif attentive,
cher chère, léger légère, sec sèche, doux douce, frais fraîche, bref brève, joueur joueuse,
grec grecque, turc turque, fier fière, amer amère,
jaloux jalouse, naïf naïve, actif active, créatif créative, sportif sportive, marron marron,
paresseux paresseuse, sérieux sérieuse, généreux généreuse, curieux curieuse, courageux courageuse,
nerveux nerveuse, ambitieux ambitieuse, joyeux joyeuse, heureux heureuse, furieux furieuse,
précieux précieuse, délicieux délicieuse, ennuyeux ennuyeuse, dangereux dangereuse,
industriel industrielle, officiel officielle, exceptionnel exceptionnelle, traditionnel traditionnelle,
européen européenne, italien italienne, canadien canadienne
"""
MASCULINE_PLURALS = {
    "beau": "beaux",
    "nouveau": "nouveaux",
    "marron": "marron",
    "loyal": "loyaux",
    "original": "originaux",
}
MASCULINE_PLURALS |= {"national": "nationaux", "médiéval": "médiévaux", "royal": "royaux"}


def plural_of(word: str) -> str:
    return word if word[-1] in "sxz" else word + "s"


def adjective_forms() -> dict[str, set[str]]:
    """Every form of every adjective and the features it may have: ms, fs, mp, fp."""
    feminine_of = dict(pair.split() for pair in FEMININES.split(","))
    out: dict[str, set[str]] = {}
    for row in table("adjectives"):
        base = row["fr"].lstrip("*")
        feminine = feminine_of.get(base) or (base if base.endswith("e") else base + "e")
        plurals = MASCULINE_PLURALS.get(base) or plural_of(base), feminine if base == "marron" else plural_of(feminine)
        for form, feature in ((base, "ms"), (feminine, "fs"), (plurals[0], "mp"), (plurals[1], "fp")):
            out.setdefault(form, set()).add(feature)
    for form in ("bel", "nouvel", "vieil"):
        out[form] = {"ms"}
    return out


def noun_features() -> dict[str, set[str]]:
    irregular = {"chou": "choux", "hibou": "hiboux", "genou": "genoux", "portail": "portails", "festival": "festivals"}
    out: dict[str, set[str]] = {}
    for row in table("nouns"):
        base = row["fr"].lstrip("*")
        many = irregular.get(base) or (base[:-2] + "aux" if base.endswith("al") else plural_of(base))
        many = base + "x" if base.endswith(("eau", "eu")) else many
        out.setdefault(base, set()).add(row["gender"] + "s")
        out.setdefault(many, set()).add(row["gender"] + "p")
    return out


# double entry: genders as listed here, whatever the table's column says
MASCULINE_IN_E = """
père frère oncle grand-père journaliste peintre juge maire pilote élève dentiste photographe architecte poète
prince homme touriste âne tigre singe cygne fromage sucre beurre poivre vinaigre cidre costume imperméable
uniforme coffre hélicoptère livre magazine article poème conte message dictionnaire chapitre texte spectacle
documentaire violoncelle saxophone téléphone portefeuille parapluie timbre verre vase puzzle arbre chêne garage
musée temple village problème exercice rêve voyage mariage ventre
"""
FEMININE_WITHOUT_E = """
sœur souris pizza eau moto chanson radio télévision clé photo fleur maison villa tour exposition forêt question
leçon erreur décision situation solution proposition invitation réunion main dent
"""
