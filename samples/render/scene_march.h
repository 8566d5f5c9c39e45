/* Sphere tracing, shared by the scenes that are solid. */
#ifndef SCENE_MARCH_H
#define SCENE_MARCH_H

#include "scene.h"

struct surface {
    double distance; /* signed, to the nearest point */
    int material;
};

typedef struct surface solid(struct vec p);

struct surface nearer(struct surface a, double distance, int material);

/* Distance along the ray to the surface, or limit. */
double march(solid *map, struct vec from, struct vec direction, double limit);

struct vec normal_at(solid *map, struct vec p);

/* 1 lit to 0 shadowed; the larger sharpness is, the harder the edge. */
double sunlight(solid *map, struct vec p, struct vec direction, double limit, double sharpness);

/* 1 open to 0 enclosed, looking reach far along the normal. */
double openness(solid *map, struct vec p, struct vec normal, double reach);

/* Minimum of two distances with a fillet of about width. */
double join(double a, double b, double width);

/* Signed distances; to_ellipsoid is approximate, as every practical one is. */
double to_ball(struct vec p, struct vec centre, double radius);
double to_ellipsoid(struct vec p, struct vec centre, struct vec radii);
double to_box(struct vec p, struct vec centre, struct vec half, double round);
double to_rod(struct vec p, struct vec a, struct vec b, double radius_a, double radius_b);
double to_disc(struct vec p, struct vec centre, double radius, double half_height, double round);

#endif
