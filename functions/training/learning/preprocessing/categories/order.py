"""The order that words have by their meaning: low, medium, high; 5-10, 11-20; Monday, Tuesday."""

import re
from collections.abc import Sequence

# Each in its order; words of one place are the same. A column has the order of a scale that all of
# its words are in.
_SCALES = """\
none; verylow,very low,lowest; low; below average; medium,moderate,mid,middle,average,normal;
above average; high; veryhigh,very high; extreme,highest,critical

xxs; xs,extra small; s,small; m,medium; l,large; xl,extra large; xxl,2xl; xxxl,3xl

tiny; small; medium; large,big; huge,very large

never; rarely,seldom; sometimes,occasionally; often,frequently; usually,mostly; always

strongly disagree; disagree; neutral,neither,neither agree nor disagree; agree; strongly agree

very dissatisfied; dissatisfied; neutral; satisfied; very satisfied

terrible,awful; very bad; bad,poor,po; fair,fa; average,typical,ta; good,gd;
very good,verygood; excellent,ex; outstanding,perfect

fair; good; very good; premium; ideal

young; middle-aged,middle aged,adult; old,senior,elderly

cold; cool; mild; warm; hot

first; second; third; fourth; fifth; sixth; seventh; eighth; ninth; tenth

zero; one; two; three; four; five; six; seven; eight; nine; ten

monday,mon; tuesday,tue,tues; wednesday,wed; thursday,thu,thur,thurs; friday,fri; saturday,sat;
sunday,sun

january,jan; february,feb; march,mar; april,apr; may; june,jun; july,jul; august,aug;
september,sep,sept; october,oct; november,nov; december,dec

winter; spring; summer; autumn,fall

morning; noon,midday; afternoon; evening; night

f; e; d-; d; d+; c-; c; c+; b-; b; b+; a-; a; a+

preschool; 1st-4th; 5th-6th; 7th-8th; 9th; 10th; 11th; 12th; high school,hs-grad;
some college,some-college; associate,assoc-voc,assoc-acdm; bachelor,bachelors; master,masters;
prof-school; doctorate,phd

beginner; intermediate; advanced; expert

bronze; silver; gold; platinum; diamond
"""
# Fewer words than this of a scale have no order to speak of.
LEAST_WORDS = 3

_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_LESS = re.compile(r"<|under|below|less|up to", re.IGNORECASE)


def _parsed(scale: str) -> dict[str, int]:
    return {
        word.strip(): place
        for place, words in enumerate(scale.split(";"))
        for word in words.split(",")
    }


SCALES = [_parsed(scale) for scale in _SCALES.split("\n\n")]


def ranks(words: Sequence[str]) -> list[float] | None:
    """Return each word's place in the order that all of them have; None where they have none."""
    if len(words) < LEAST_WORDS:
        return None
    return _of_scales(words) or _of_numbers(words)


def _of_scales(words: Sequence[str]) -> list[float] | None:
    plain = [" ".join(word.casefold().replace("_", " ").split()) for word in words]
    for scale in SCALES:
        if all(word in scale for word in plain) and len({scale[word] for word in plain}) > 1:
            return [float(scale[word]) for word in plain]
    return None


def _of_numbers(words: Sequence[str]) -> list[float] | None:
    """Order words that are alike but for the number in them: "5-10", ">10", "level 3"."""
    found = [_NUMBER.findall(word) for word in words]
    shapes = {re.sub(r"[\W\d_]+", " ", word).strip().casefold() for word in words}
    if not all(1 <= len(numbers) <= 2 for numbers in found) or len(shapes) > 2:
        return None
    # "<5" lies before "5-10".
    keys = [
        float(numbers[0]) - (0.5 if _LESS.match(word) else 0.0)
        for word, numbers in zip(words, found, strict=True)
    ]
    order = sorted(set(keys))
    return [float(order.index(key)) for key in keys] if len(order) == len(words) else None
