/*
 * Renders the sample pictures.
 *
 *   scenes DIR
 *
 * writes six pictures into the folder DIR. Build:
 *
 *   cc -std=c11 -O2 -o scenes scene*.c -lpng -ljpeg -lm
 */
#include <stdio.h>
#include <stdlib.h>

#include "scene.h"

static const struct scene {
    const char *name;
    int width, height;
    int depth; /* bits per sample of a PNG; 0 for a JPEG */
    int grid;  /* samples across a pixel */
    shader *shade;
} scenes[] = {
    {"dusk.jpg", 480, 320, 0, 3, shade_dusk},         {"room.jpg", 480, 320, 0, 3, shade_room},
    {"tissue.png", 360, 270, 8, 3, shade_tissue},     {"fog.jpg", 480, 320, 0, 3, shade_fog},
    {"portrait.png", 360, 360, 8, 3, shade_portrait}, {"sky16.png", 480, 320, 16, 2, shade_sky},
};

static int draw(const struct scene *scene, const char *folder)
{
    char path[4096];
    int length = snprintf(path, sizeof path, "%s/%s", folder, scene->name);
    if (length < 0 || (size_t)length >= sizeof path) {
        fprintf(stderr, "scenes: %s: name too long\n", folder);
        return -1;
    }

    struct picture picture = {.width = scene->width, .height = scene->height};
    picture.rgb = malloc((size_t)scene->width * (size_t)scene->height * 3 * sizeof *picture.rgb);
    if (!picture.rgb) {
        fprintf(stderr, "scenes: %s: out of memory\n", path);
        return -1;
    }
    render(&picture, scene->shade, scene->grid);
    int failed = scene->depth ? write_png(path, &picture, scene->depth) : write_jpeg(path, &picture);

    free(picture.rgb);
    return failed;
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        fprintf(stderr, "usage: scenes DIR\n");
        return 2;
    }
    for (size_t i = 0; i < sizeof scenes / sizeof *scenes; i++)
        if (draw(&scenes[i], argv[1]) != 0)
            return 1;
    return 0;
}
