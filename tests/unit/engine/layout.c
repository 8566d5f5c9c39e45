/* The layout of outputs, and requests that do not fit a picture. */
#include "in_memory.h"

#include <string.h>

static struct picture_info info_of(unsigned channels, enum sample sample, enum alpha alpha)
{
    return (struct picture_info){
        .width = 5, .height = 4, .channels = channels, .sample = sample, .unit = sample_unit(sample), .alpha = alpha};
}

/* ---- the output ---------------------------------------------------------------------------------------------------- */

static const struct output_format plain = {0}, multiplied = {.premultiplied = true}, tensor = {.tensor = true};

static const struct {
    unsigned channels;
    enum sample sample;
    enum alpha alpha;
    const struct output_format *format;
    enum sample depth;
    bool rgb;
    /* the output */
    unsigned out_channels;
    enum sample out_sample;
    enum alpha out_alpha;
    double unit;
    bool planar, colours, type; /* what has changed */
} outputs[] = {
    {3, SAMPLE_U8, ALPHA_NONE, &plain, SAMPLE_NONE, false, 3, SAMPLE_U8, ALPHA_NONE, 255, false, false, false},
    {4, SAMPLE_U16, ALPHA_STRAIGHT, &plain, SAMPLE_NONE, false, 4, SAMPLE_U16, ALPHA_STRAIGHT, 65535, false, false, false},
    {4, SAMPLE_U8, ALPHA_PREMULTIPLIED, &plain, SAMPLE_NONE, false, 4, SAMPLE_U8, ALPHA_STRAIGHT, 255, false, false, false},
    {4, SAMPLE_U8, ALPHA_PREMULTIPLIED, &multiplied, SAMPLE_NONE, false, 4, SAMPLE_U8, ALPHA_PREMULTIPLIED, 255, false,
     false, false},
    {4, SAMPLE_U8, ALPHA_STRAIGHT, &multiplied, SAMPLE_NONE, false, 4, SAMPLE_U8, ALPHA_STRAIGHT, 255, false, false, false},
    {1, SAMPLE_U16, ALPHA_NONE, &plain, SAMPLE_U8, false, 1, SAMPLE_U8, ALPHA_NONE, 255, false, false, true},
    {1, SAMPLE_U8, ALPHA_NONE, &plain, SAMPLE_U16, false, 1, SAMPLE_U16, ALPHA_NONE, 65535, false, false, true},
    {2, SAMPLE_U8, ALPHA_STRAIGHT, &plain, SAMPLE_F32, false, 2, SAMPLE_F32, ALPHA_STRAIGHT, 1, false, false, true},
    {1, SAMPLE_U8, ALPHA_NONE, &plain, SAMPLE_NONE, true, 3, SAMPLE_U8, ALPHA_NONE, 255, false, true, true},
    {2, SAMPLE_U8, ALPHA_STRAIGHT, &plain, SAMPLE_NONE, true, 3, SAMPLE_U8, ALPHA_NONE, 255, false, true, true},
    {4, SAMPLE_U8, ALPHA_STRAIGHT, &plain, SAMPLE_NONE, true, 3, SAMPLE_U8, ALPHA_NONE, 255, false, false, true},
    {3, SAMPLE_U8, ALPHA_NONE, &tensor, SAMPLE_NONE, false, 3, SAMPLE_F32, ALPHA_NONE, 1, true, false, true},
    {4, SAMPLE_U8, ALPHA_STRAIGHT, &tensor, SAMPLE_NONE, false, 3, SAMPLE_F32, ALPHA_NONE, 1, true, false, true},
    {1, SAMPLE_F32, ALPHA_NONE, &tensor, SAMPLE_NONE, true, 3, SAMPLE_F32, ALPHA_NONE, 1, true, true, true},
    {3, SAMPLE_U8, ALPHA_NONE, &tensor, SAMPLE_U8, false, 3, SAMPLE_U8, ALPHA_NONE, 255, true, false, false},
};

START_TEST(outputs_follow_the_request)
{
    struct picture_info in = info_of(outputs[_i].channels, outputs[_i].sample, outputs[_i].alpha);
    struct request request = request_default();
    struct layout layout;
    struct why why = {""};
    request.depth = outputs[_i].depth;
    request.rgb = outputs[_i].rgb;
    ck_assert_msg(layout_make(&layout, &in, outputs[_i].format, &request, &why), "%s", why.text);
    const struct picture_info *out = &layout.out;
    ck_assert(out->channels == outputs[_i].out_channels && out->sample == outputs[_i].out_sample);
    ck_assert(out->alpha == outputs[_i].out_alpha && out->unit == outputs[_i].unit && out->planar == outputs[_i].planar);
    ck_assert(out->changes.colours == outputs[_i].colours && out->changes.type == outputs[_i].type);
    ck_assert(layout.colours == out->channels - (out->alpha != ALPHA_NONE));
    ck_assert(layout.alpha_counts == (in.alpha != ALPHA_NONE));
    ck_assert(out->width == 5 && out->height == 4);
    for (unsigned c = 0; c < layout.colours; c++)
        ck_assert_uint_eq(layout_source(&layout, c), picture_colours(&in) == 1 ? 0 : c);
    if (out->alpha != ALPHA_NONE)
        ck_assert_uint_eq(layout_source(&layout, layout.colours), in.channels - 1);
}
END_TEST

/* Integer tensors count as they are; in a space their largest value is white. */
START_TEST(units_of_tensors)
{
    struct picture_info in = info_of(3, SAMPLE_U8, ALPHA_NONE);
    struct request request = request_default();
    struct layout layout;
    struct why why = {""};
    in.unit = 1;
    in.dimensions = 3;
    ck_assert(layout_make(&layout, &in, &tensor, &request, &why));
    ck_assert(layout.in.unit == 1 && layout.out.unit == 1 && layout_unit(&layout) == 1 && !layout_converts(&layout));
    request.space = instnorm_space_find("lab");
    ck_assert(layout_make(&layout, &in, &tensor, &request, &why));
    ck_assert(layout.in.unit == 255 && layout.out.unit == 1 && layout_converts(&layout) && layout_unit_out(&layout) == 1);
}
END_TEST

/* Arrays of 16 or 64 bits stay so, and of how many dimensions they are. */
START_TEST(tensors_keep_their_type)
{
    static const struct {
        unsigned dimensions, channels;
        enum sample depth, in, out;
        unsigned out_dimensions;
    } each[] = {{2, 1, SAMPLE_NONE, SAMPLE_F16, SAMPLE_F16, 2}, {3, 1, SAMPLE_NONE, SAMPLE_F64, SAMPLE_F64, 3},
                {4, 5, SAMPLE_NONE, SAMPLE_F32, SAMPLE_F32, 4}, {3, 3, SAMPLE_F32, SAMPLE_F16, SAMPLE_F32, 3},
                {0, 1, SAMPLE_NONE, SAMPLE_U8, SAMPLE_F32, 3},  {0, 3, SAMPLE_NONE, SAMPLE_U8, SAMPLE_F32, 3},
                {3, 3, SAMPLE_NONE, SAMPLE_I16, SAMPLE_F32, 3}, {3, 3, SAMPLE_NONE, SAMPLE_BOOL, SAMPLE_F32, 3},
                {3, 3, SAMPLE_NONE, SAMPLE_I32, SAMPLE_F64, 3}, {0, 1, SAMPLE_NONE, SAMPLE_U32, SAMPLE_F64, 3},
                {0, 1, SAMPLE_NONE, SAMPLE_F16, SAMPLE_F32, 3}, {3, 3, SAMPLE_I8, SAMPLE_I32, SAMPLE_I8, 3}};
    for (size_t i = 0; i < sizeof each / sizeof *each; i++) {
        struct picture_info in = info_of(each[i].channels, each[i].in, ALPHA_NONE);
        struct request request = request_default();
        struct layout layout;
        struct why why = {""};
        in.dimensions = each[i].dimensions;
        request.depth = each[i].depth;
        ck_assert(layout_make(&layout, &in, &tensor, &request, &why));
        ck_assert_msg(layout.out.sample == each[i].out, "%zu", i);
        ck_assert_msg(layout.out.dimensions == each[i].out_dimensions, "%zu: %u", i, layout.out.dimensions);
    }
}
END_TEST

START_TEST(channels_by_name_or_index)
{
    static const struct {
        const char *space, *channels;
        unsigned n, touched; /* bits */
    } each[] = {{"rgb", NULL, 3, 7},       {"rgb", "R", 3, 1},    {"rgb", "g,B", 3, 6},   {"rgb", "2", 3, 4},
                {"rgb", "0,R,none", 3, 1}, {"rgb", "none", 3, 0}, {"rgb", "grey", 1, 1},  {"rgb", "4,0", 5, 17},
                {"lab", "L", 3, 1},        {"lab", "a,b", 3, 6},  {"oklab", "l,1", 3, 3}, {"ruderman", "beta", 3, 4}};
    for (size_t i = 0; i < sizeof each / sizeof *each; i++) {
        struct picture_info in = info_of(each[i].n, SAMPLE_U8, ALPHA_NONE);
        struct request request = request_default();
        struct layout layout;
        struct why why = {""};
        unsigned touched = 0;
        request.space = instnorm_space_find(each[i].space);
        request.channels = each[i].channels;
        ck_assert_msg(layout_make(&layout, &in, &plain, &request, &why), "%s", why.text);
        for (unsigned c = 0; c < layout.colours; c++)
            touched |= (unsigned)layout_touches(&layout, &request, c) << c;
        ck_assert_msg(touched == each[i].touched, "%s: %x", each[i].channels, touched);
    }
}
END_TEST

/* ---- refused ------------------------------------------------------------------------------------------------------- */

static struct item items[] = {{.value = 0.5}, {.value = 0.5}, {.value = 0.5}, {.value = 0.5}}, large = {.value = 2},
                   negative = {.value = -0.1};

static const struct {
    unsigned channels;
    const char *space, *channel_names;
    struct list gamma, beta, mean, std;
    bool rgb, is_tensor;
    const char *says; /* NULL: nothing is wrong */
} refused[] = {
    {3, "rgb", NULL, {2, items}, {0}, {0}, {0}, false, false, "--gamma has 2 values"},
    {3, "rgb", NULL, {3, items}, {1, items}, {0}, {0}, false, false, NULL},
    {1, "rgb", NULL, {3, items}, {0}, {0}, {0}, false, false, "1 colour channel (grey)"},
    {1, "rgb", NULL, {3, items}, {0}, {0}, {0}, true, false, NULL},
    {3, "rgb", NULL, {0}, {4, items}, {0}, {0}, false, false, "--beta has 4 values"},
    {3, "rgb", NULL, {1, items}, {0}, {2, items}, {2, items}, false, false, "--mean has 2 values"},
    {3, "rgb", NULL, {1, items}, {0}, {1, items}, {2, items}, false, false, "--std has 2 values"},
    {3, "lab", NULL, {1, items}, {1, items}, {1, items}, {3, items}, false, false, "--mean has 1 value"},
    {3, "lab", NULL, {1, items}, {1, items}, {3, items}, {1, items}, false, false, "--std has 1 value"},
    {3, "rgb", NULL, {1, &large}, {0}, {0}, {0}, false, false, "--gamma 2"},
    {3, "rgb", NULL, {0}, {1, &large}, {0}, {0}, false, false, "--beta 2"},
    {3, "lab", NULL, {1, &large}, {1, &large}, {0}, {0}, false, false, NULL},
    {3, "rgb", NULL, {1, &large}, {1, &large}, {0}, {0}, false, true, NULL},
    {3, "rgb", NULL, {1, &negative}, {0}, {0}, {0}, false, false, "--gamma -0.1"},
    {3, "rgb", NULL, {1, &negative}, {0}, {0}, {0}, false, true, NULL},
    {3, "rgb", NULL, {0}, {0}, {1, items}, {1, items}, false, false, "--mean"},
    {3, "rgb", NULL, {0}, {0}, {1, items}, {1, items}, false, true, NULL},
    {5, "rgb", NULL, {0}, {0}, {0}, {0}, true, false, "--rgb"},
    {1, "lab", NULL, {0}, {0}, {0}, {0}, false, false, "expected 3 for --space lab"},
    {1, "lab", NULL, {0}, {0}, {0}, {0}, true, false, NULL},
    {5, "oklab", NULL, {0}, {0}, {0}, {0}, false, false, "expected 3 for --space oklab"},
    {3, "rgb", "L", {0}, {0}, {0}, {0}, false, false, "'L': expected R, G, B or 0 to 2 (L needs -S lab or oklab)"},
    {3, "rgb", "3", {0}, {0}, {0}, {0}, false, false, "--channels '3'"},
    {3, "rgb", "R,RG", {0}, {0}, {0}, {0}, false, false, "--channels 'RG'"},
    {1, "rgb", "R", {0}, {0}, {0}, {0}, false, false, "'R': expected grey or 0"},
    {3, "lab", "R", {0}, {0}, {0}, {0}, false, false, "'R': expected L, a, b or 0 to 2 (R needs -S rgb or linear)"},
};

START_TEST(what_does_not_fit_is_refused)
{
    struct picture_info in = info_of(refused[_i].channels, SAMPLE_U8, ALPHA_NONE);
    struct request request = request_default();
    struct layout layout;
    struct why why = {""};
    request.space = instnorm_space_find(refused[_i].space);
    request.channels = refused[_i].channel_names;
    request.gamma = refused[_i].gamma;
    request.beta = refused[_i].beta;
    request.mean = refused[_i].mean;
    request.std = refused[_i].std;
    request.rgb = refused[_i].rgb;
    bool ok = layout_make(&layout, &in, refused[_i].is_tensor ? &tensor : &plain, &request, &why);
    ck_assert_msg(ok == !refused[_i].says, "%s", why.text);
    ck_assert_msg(ok || strstr(why.text, refused[_i].says) != NULL, "'%s', not '%s'", why.text, refused[_i].says);
    /* Where nothing is written nobody looks at the target. */
    ck_assert(layout_make(&layout, &in, NULL, &request, &why) || request.rgb || refused[_i].channels == 5);
}
END_TEST

SUITE(layout)
{
    TCase *output = tcase_create("output"), *refuse = tcase_create("refused");
    ADD_EACH(output, outputs_follow_the_request, outputs);
    tcase_add_test(output, units_of_tensors);
    tcase_add_test(output, tensors_keep_their_type);
    tcase_add_test(output, channels_by_name_or_index);
    ADD_EACH(refuse, what_does_not_fit_is_refused, refused);
    suite_add_tcase(suite, output);
    suite_add_tcase(suite, refuse);
}
