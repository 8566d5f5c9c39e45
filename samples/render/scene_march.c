/* Sphere tracing; the formulas are those of Inigo Quilez's articles on distance functions. */
#include "scene_march.h"

struct surface nearer(struct surface a, double distance, int material)
{
    return distance < a.distance ? (struct surface){distance, material} : a;
}

double march(solid *map, struct vec from, struct vec direction, double limit)
{
    double t = 0.01;

    for (int i = 0; i < 160 && t < limit; i++) {
        double d = map(add(from, scale(direction, t))).distance;

        if (d < 0.0004 * (1 + t))
            return t;
        t += d * 0.85;
    }
    return min(t, limit);
}

struct vec normal_at(solid *map, struct vec p)
{
    static const struct vec corners[] = {{1, -1, -1}, {-1, -1, 1}, {-1, 1, -1}, {1, 1, 1}};
    struct vec sum = {0, 0, 0};

    for (int i = 0; i < 4; i++)
        sum = add(sum, scale(corners[i], map(add(p, scale(corners[i], 0.0012))).distance));
    return normalize(sum);
}

double sunlight(solid *map, struct vec p, struct vec direction, double limit, double sharpness)
{
    double light = 1, t = 0.02;

    for (int i = 0; i < 48 && t < limit; i++) {
        double d = map(add(p, scale(direction, t))).distance;

        light = min(light, 0.5 + 0.5 * sharpness * d / t);
        if (light <= 0)
            return 0;
        t += max(0.012, min(0.22, fabs(d)));
    }
    light = clamp01(light);
    return light * light * (3 - 2 * light);
}

double openness(solid *map, struct vec p, struct vec normal, double reach)
{
    double closed = 0, weight = 1;

    for (int i = 1; i <= 5; i++) {
        double h = reach * i / 5;

        closed += weight * (h - map(add(p, scale(normal, h))).distance);
        weight *= 0.75;
    }
    return clamp01(1 - 0.65 * closed / reach);
}

double join(double a, double b, double width)
{
    double h = max(width - fabs(a - b), 0) / width;

    return min(a, b) - h * h * width / 4;
}

double to_ball(struct vec p, struct vec centre, double radius)
{
    return length(sub(p, centre)) - radius;
}

double to_ellipsoid(struct vec p, struct vec centre, struct vec radii)
{
    struct vec q = sub(p, centre);
    struct vec r = vec(q.x / radii.x, q.y / radii.y, q.z / radii.z);
    double near = length(r);
    double slope = length(vec(r.x / radii.x, r.y / radii.y, r.z / radii.z));

    return slope > 1e-9 ? near * (near - 1) / slope : -min(radii.x, min(radii.y, radii.z));
}

double to_box(struct vec p, struct vec centre, struct vec half, double round)
{
    struct vec q = sub(p, centre);

    q = vec(fabs(q.x) - half.x + round, fabs(q.y) - half.y + round, fabs(q.z) - half.z + round);
    return length(vec(max(q.x, 0), max(q.y, 0), max(q.z, 0))) + min(max(q.x, max(q.y, q.z)), 0) - round;
}

double to_rod(struct vec p, struct vec a, struct vec b, double radius_a, double radius_b)
{
    struct vec ap = sub(p, a), ab = sub(b, a);
    double t = clamp01(dot(ap, ab) / dot(ab, ab));

    return length(sub(ap, scale(ab, t))) - mix(radius_a, radius_b, t);
}

double to_disc(struct vec p, struct vec centre, double radius, double half_height, double round)
{
    double across = norm(p.x - centre.x, p.z - centre.z) - radius + round;
    double above = fabs(p.y - centre.y) - half_height + round;

    return norm(max(across, 0), max(above, 0)) + min(max(across, above), 0) - round;
}
