/* Small records by value: vectors of three, rays against spheres. */
#include <math.h>
#include <stdio.h>

typedef struct { double x, y, z; } Vector;
typedef struct { Vector origin, direction; } Ray;
typedef struct { Vector center; double radius; Vector color; } Sphere;
typedef struct { int hit; double distance; Vector point, normal, color; } Hit;

static Vector make(double x, double y, double z) { return (Vector){ x, y, z }; }
static Vector add(Vector a, Vector b) { return make(a.x + b.x, a.y + b.y, a.z + b.z); }
static Vector sub(Vector a, Vector b) { return make(a.x - b.x, a.y - b.y, a.z - b.z); }
static Vector scale(Vector a, double s) { return make(a.x * s, a.y * s, a.z * s); }
static double dot(Vector a, Vector b) { return a.x * b.x + a.y * b.y + a.z * b.z; }
static Vector unit(Vector a) { return scale(a, 1 / sqrt(dot(a, a))); }

static Hit intersect(Ray ray, const Sphere *sphere)
{
    Hit hit = { 0 };
    Vector to = sub(ray.origin, sphere->center);
    double b = dot(to, ray.direction), c = dot(to, to) - sphere->radius * sphere->radius, d = b * b - c;
    if (d < 0)
        return hit;
    double t = -b - sqrt(d);
    if (t < 1e-4)
        return hit;
    hit.hit = 1;
    hit.distance = t;
    hit.point = add(ray.origin, scale(ray.direction, t));
    hit.normal = unit(sub(hit.point, sphere->center));
    hit.color = sphere->color;
    return hit;
}

static Vector trace(Ray ray, const Sphere *spheres, int count, int depth)
{
    Hit best = { 0 };
    for (int i = 0; i < count; i++) {
        Hit hit = intersect(ray, &spheres[i]);
        if (hit.hit && (!best.hit || hit.distance < best.distance))
            best = hit;
    }
    if (!best.hit)
        return make(0.2, 0.3, 0.5 + 0.5 * ray.direction.y);
    double light = dot(best.normal, unit(make(1, 2, -1)));
    Vector color = scale(best.color, light > 0 ? 0.2 + 0.8 * light : 0.2);
    if (depth > 0) {
        Ray next = { best.point, sub(ray.direction, scale(best.normal, 2 * dot(ray.direction, best.normal))) };
        color = add(scale(color, 0.7), scale(trace(next, spheres, count, depth - 1), 0.3));
    }
    return color;
}

int main(void)
{
    enum { COUNT = 12, SIZE = 600 };
    Sphere spheres[COUNT];
    for (int i = 0; i < COUNT; i++)
        spheres[i] = (Sphere){ make(i % 4 * 2 - 3, i / 4 * 2 - 2, 8 + i % 3), 0.9, make(i % 2, 0.5, i % 3 * 0.5) };
    Vector sum = { 0 };
    for (int y = 0; y < SIZE; y++)
        for (int x = 0; x < SIZE; x++) {
            Ray ray = { make(0, 0, 0), unit(make((x - SIZE / 2) / 200.0, (y - SIZE / 2) / 200.0, 1)) };
            sum = add(sum, trace(ray, spheres, COUNT, 3));
        }
    printf("%.6f %.6f %.6f\n", sum.x, sum.y, sum.z);
    return 0;
}
