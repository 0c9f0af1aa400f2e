"""What the console says on screen: one catalogue per area, in the order of its pages and their states.

Constants for fixed words. Sentences with something to click in them are templates (`{name}`, for
`components.prose.said`), those with figures alone small functions: the sentence says what it is for, a docstring
stands where it takes more. Nothing else is in here. What a rule says stays with the rule: reasons of refusals,
effects of verbs, errors.
"""
