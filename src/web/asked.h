/* What the page asks for, as an array of numbers, and the request that follows. */
#ifndef WEB_ASKED_H
#define WEB_ASKED_H

#include "engine/request.h"

/*
 * The numbers; the page has the same names (module.js). Statistics depend on those before ASK_MEASURED alone.
 *
 * SPACE, NORM: an index of instnorm_space_at, of enum instnorm_kind. GROUPS: of norm group. RGB: 1 for --rgb. MASK: the
 * place of a picture of weights, or -1. BELOW, ABOVE: thresholds of --mask; NaN: none. STYLE: the place of a picture, or
 * -1. APPLY: 1 for --apply-mask same. EPS: NaN: the customary one. GAMMAS, BETAS: how many of the three that follow
 * are given; NaN is `keep`. DEPTH: of the output, 32 for a tensor of floats, or 0. HISTOGRAMS: 1: the result has them.
 */
enum ask {
    ASK_SPACE,
    ASK_NORM,
    ASK_GROUPS,
    ASK_RGB,
    ASK_MASK,
    ASK_BELOW,
    ASK_ABOVE,
    ASK_MEASURED,
    ASK_STYLE = ASK_MEASURED,
    ASK_APPLY,
    ASK_STRENGTH,
    ASK_EPS,
    ASK_GAMMAS,
    ASK_GAMMA,
    ASK_BETAS = ASK_GAMMA + 3,
    ASK_BETA,
    ASK_DEPTH = ASK_BETA + 3,
    ASK_HISTOGRAMS,
    ASK_NUMBERS
};

/* A request and what its lists and selectors consist of. Not to be copied: it points into itself. */
struct asked {
    struct request request;
    struct item gamma[3], beta[3];
    struct selector mask[3], same;
    char below[32], above[32];
    int style, mask_place; /* places; -1: none */
};

/* False, with `why`, if the tool would refuse the numbers, or a space of no customary target is asked for without one. */
bool asked_read(struct asked *asked, const double ask[ASK_NUMBERS], struct why *why);

#endif
