/* Runs the unit tests. CK_RUN_SUITE=name picks one suite, CK_FORK=no keeps all in one process for a debugger. */
#include "support.h"

#include <stdlib.h>

static Suite *(*const suites[])(void) = {
    moments_suite,   merge_suite,         affine_suite,      norm_suite,     vectors_suite, rows_suite,
    codecs_suite,    codecs_broken_suite, npy_suite,         npy_half_suite, tiff_suite,    tiff_write_suite,
    reference_suite, backward_suite,      running_suite,     pnm_suite,      pfm_suite,     webp_suite,
    curve_suite,     colour_suite,        colour_kept_suite, fit_suite,      foreign_suite, png_suite,
    arguments_suite, numbers_suite,       jpeg_coding_suite, cmyk_suite,     inks_suite,    exif_suite,
    double_suite,
};

int main(void)
{
    SRunner *runner = srunner_create(NULL);
    for (size_t i = 0; i < sizeof suites / sizeof *suites; i++)
        srunner_add_suite(runner, suites[i]());
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner), run = srunner_ntests_run(runner);
    srunner_free(runner);
    return failed == 0 && run > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
