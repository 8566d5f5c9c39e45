/* Noise, colour and the pixel loop of the sample scenes. */
#include "scene.h"

static double srgb_decode(double v)
{
    return v <= 0.04045 ? v / 12.92 : pow((v + 0.055) / 1.055, 2.4);
}

static double srgb_encode(double v)
{
    return v <= 0.0031308 ? v * 12.92 : 1.055 * pow(v, 1 / 2.4) - 0.055;
}

struct vec hex(uint32_t rgb)
{
    /* Scenes call this for every sample: 256 values of pow() are kept. */
    static double decoded[256];

    if (decoded[255] <= 0)
        for (int i = 0; i < 256; i++)
            decoded[i] = srgb_decode(i / 255.0);
    return vec(decoded[rgb >> 16 & 255], decoded[rgb >> 8 & 255], decoded[rgb & 255]);
}

double hash(int x, int y, uint32_t seed)
{
    uint32_t h = (uint32_t)x * 0x9E3779B1u ^ (uint32_t)y * 0x85EBCA77u ^ seed * 0xC2B2AE3Du;

    /* The finalizer of MurmurHash3. */
    h = (h ^ h >> 16) * 0x85EBCA6Bu;
    h = (h ^ h >> 13) * 0xC2B2AE35u;
    return (h ^ h >> 16) / 4294967296.0;
}

static double fade(double t)
{
    return t * t * t * (t * (t * 6 - 15) + 10);
}

double noise(double x, double y, uint32_t seed)
{
    double fx = floor(x), fy = floor(y);
    int ix = (int)fx, iy = (int)fy;
    double u = fade(x - fx), v = fade(y - fy);

    return mix(mix(hash(ix, iy, seed), hash(ix + 1, iy, seed), u),
               mix(hash(ix, iy + 1, seed), hash(ix + 1, iy + 1, seed), u), v);
}

double fbm(double x, double y, int octaves, uint32_t seed)
{
    double sum = 0, weight = 0.5, total = 0;

    for (int i = 0; i < octaves; i++) {
        sum += weight * noise(x, y, seed + (uint32_t)i);
        total += weight;
        weight *= 0.5;
        /* Turned by 37 degrees, so that the lattices of the octaves do not line up. */
        double turned = 1.6 * x - 1.2 * y + 11.3;
        y = 1.2 * x + 1.6 * y + 7.1;
        x = turned;
    }
    return sum / total;
}

static uint16_t sample(double linear)
{
    return (uint16_t)(srgb_encode(clamp01(linear)) * 65535 + 0.5);
}

static struct vec pixel(shader *shade, int px, int py, int height, int grid)
{
    struct vec sum = {0, 0, 0};

    for (int i = 0; i < grid * grid; i++)
        sum = add(sum, shade((px + (i % grid + 0.5) / grid) / height, (py + (i / grid + 0.5) / grid) / height));
    return scale(sum, 1.0 / (grid * grid));
}

void render(struct picture *out, shader *shade, int grid)
{
    uint16_t *p = out->rgb;

    for (int y = 0; y < out->height; y++) {
        for (int x = 0; x < out->width; x++) {
            struct vec c = pixel(shade, x, y, out->height, grid);

            *p++ = sample(c.x);
            *p++ = sample(c.y);
            *p++ = sample(c.z);
        }
    }
}
