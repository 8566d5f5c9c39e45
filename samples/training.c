/*
 * What normalization layers do for training: one small net, the same data and the same first weights, with each of them.
 *
 *     cc -O3 -ffp-contract=off -Iinclude -c samples/training.c samples/training/net.c samples/training/textures.c
 *     cc -o training training.o net.o textures.o build/libinstnorm.a -lm
 *     mkdir -p out && ./training out
 *
 * Each step learns from 32 textures. They go through the net in batches of 32, or of 2, whose gradients are added up: the
 * only difference is which samples a batch normalization sees together, as on 16 processors with 2 samples each. Writes
 *
 *     losses.csv   the loss over the steps, in uneven light: of the samples of a step before they are learned from, and of
 *                  held-out samples every 10 steps
 *     even.csv     the same in even light
 *     rates.csv    the loss after a short training, by learning rate, in uneven light
 *     spread.csv   mean and standard deviation of a channel in random batches
 *     alone.csv    how much the scores of one sample change when it is in a batch
 *
 * and prints a summary. "make lessons" draws the charts. "training --trace FOLDER" writes instead what another program
 * needs to train the same nets: see trace().
 */
#include "training/net.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SEEDS = 3, STEP_SAMPLES = 32, STEPS = 400, SHORT = 100, TRACED = 50, EVERY = 10, HELD = 256, DRAWS = 40 };

static const double usual_rate = 0.05, momentum = 0.9;
static const double rates[] = {0.01, 0.03, 0.1, 0.3, 1};

/* A net of some layers, and how many samples go through it at once. */
static const struct setup {
    struct norm norm;
    size_t batch;
} setups[] = {
    {{"none", false, 0, 0}, 32},
    {{"instance", true, INSTNORM_INSTANCE, 0}, 32},
    {{"layer", true, INSTNORM_LAYER, 0}, 32},
    {{"group:4", true, INSTNORM_GROUP, 4}, 32},
    {{"batch", true, INSTNORM_BATCH, 0}, 32},
    {{"batch", true, INSTNORM_BATCH, 0}, 2},
};

enum { SETUPS = sizeof setups / sizeof *setups, AREA = SIDE * SIDE };

struct textures {
    float x[HELD * AREA];
    unsigned char label[HELD];
};

/* ---- training ------------------------------------------------------------------------------------------------------ */

struct training {
    struct net net;
    size_t batch;
    enum light light;
    double rate;
    struct generator random; /* of the samples to come */
    double velocity[WEIGHTS];
    struct textures step; /* the samples of the last step */
};

static struct pass pass;
static struct textures held[2]; /* samples that no training sees, in either light */

static void training_begin(struct training *t, const struct setup *setup, enum light light, int seed, double rate)
{
    *t = (struct training){.batch = setup->batch, .light = light, .rate = rate, .random = {(uint64_t)seed}};
    struct generator first = {(uint64_t)seed + 1000};
    net_begin(&t->net, setup->norm, &first);
}

/* One step of stochastic gradient descent with momentum. Returns the loss of its samples before it. */
static double training_step(struct training *t)
{
    double gradient[WEIGHTS] = {0}, loss = 0;
    textures_draw(t->step.x, t->step.label, STEP_SAMPLES, t->light, &t->random);
    for (size_t i = 0; i < STEP_SAMPLES; i += t->batch) {
        net_forward(&t->net, &pass, t->step.x + i * AREA, t->batch);
        net_follow(&t->net, &pass);
        loss += net_loss(&pass, t->step.label + i) / STEP_SAMPLES;
        net_backward(&t->net, &pass, t->step.x + i * AREA, t->step.label + i, 1.0 / STEP_SAMPLES, gradient);
    }
    for (int i = 0; i < WEIGHTS; i++) {
        t->velocity[i] = momentum * t->velocity[i] + gradient[i];
        t->net.weight[i] -= (float)(t->rate * t->velocity[i]);
    }
    return loss;
}

struct score {
    double loss, right; /* the cross entropy, and how many of 1 are classified right */
};

static size_t count_right(const unsigned char *label)
{
    size_t right = 0;
    for (size_t s = 0; s < pass.n; s++) {
        const float *score = pass.score + s * CLASSES;
        int best = 0;
        for (int k = 1; k < CLASSES; k++)
            best = score[k] > score[best] ? k : best;
        right += best == label[s];
    }
    return right;
}

/* Of the held-out samples, in inference. */
static struct score evaluate(const struct training *t)
{
    const struct textures *of = &held[t->light];
    struct score score = {0, 0};
    for (size_t i = 0; i < HELD; i += BATCH_MAX) {
        net_infer(&t->net, &pass, of->x + i * AREA, BATCH_MAX);
        score.loss += net_loss(&pass, of->label + i) / HELD;
        score.right += (double)count_right(of->label + i) / HELD;
    }
    return score;
}

/* ---- files --------------------------------------------------------------------------------------------------------- */

static void give_up(const char *folder, const char *name)
{
    fprintf(stderr, "training: cannot write '%s/%s': %s\n", folder, name, strerror(errno));
    exit(1);
}

static FILE *open_file(const char *folder, const char *name)
{
    char path[4096];
    FILE *file = NULL;
    if (snprintf(path, sizeof path, "%s/%s", folder, name) >= (int)sizeof path)
        errno = ENAMETOOLONG;
    else
        file = fopen(path, "w");
    if (!file)
        give_up(folder, name);
    return file;
}

static void close_file(FILE *file, const char *folder, const char *name)
{
    bool failed = ferror(file);
    errno = EIO; /* of a write that failed before; if fclose fails, it says why */
    if (fclose(file) != 0 || failed)
        give_up(folder, name);
}

/* ---- the loss over the steps --------------------------------------------------------------------------------------- */

/* What becomes of a setup, for each seed. */
struct outcome {
    double loss[SEEDS], right[SEEDS], training[SEEDS]; /* after all steps; training: the mean of the last EVERY steps */
    int reached[SEEDS];                                /* the first step with a held-out loss below 1; STEPS + 1: none */
};

static double mean_of(const double *value)
{
    double sum = 0;
    for (int i = 0; i < SEEDS; i++)
        sum += value[i] / SEEDS;
    return sum;
}

/* Half of the range of the seeds. */
static double half_range(const double *value)
{
    double low = INFINITY, high = -INFINITY;
    for (int i = 0; i < SEEDS; i++) {
        low = fmin(low, value[i]);
        high = fmax(high, value[i]);
    }
    return (high - low) / 2;
}

static void train(FILE *csv, const struct setup *setup, enum light light, int seed, struct training *t,
                  struct outcome *outcome)
{
    double last = 0;
    int i = seed - 1;
    training_begin(t, setup, light, seed, usual_rate);
    outcome->reached[i] = STEPS + 1;
    for (int step = 0; step <= STEPS; step++) {
        char text[32] = "";
        if (step % EVERY == 0) {
            struct score score = evaluate(t);
            outcome->loss[i] = score.loss;
            outcome->right[i] = score.right;
            if (score.loss < 1 && outcome->reached[i] > STEPS)
                outcome->reached[i] = step;
            snprintf(text, sizeof text, "%.9g", score.loss);
        }
        double loss = training_step(t);
        last += step > STEPS - EVERY ? loss / EVERY : 0;
        fprintf(csv, "%s,%zu,%d,%d,%.9g,%s\n", setup->norm.name, setup->batch, seed, step, loss, text);
    }
    outcome->training[i] = last;
}

static void print_reached(const int *reached)
{
    for (int i = 0; i < SEEDS; i++) {
        const char *before = i > 0 ? ", " : "";
        if (reached[i] > STEPS)
            printf("%s-", before);
        else
            printf("%s%d", before, reached[i]);
    }
}

static void print_outcome(const struct setup *setup, const struct outcome *o)
{
    printf("| %-8s | %5zu | %5.2f ± %4.2f | %5.2f ± %4.2f | %3.0f ± %2.0f | ", setup->norm.name, setup->batch,
           mean_of(o->training), half_range(o->training), mean_of(o->loss), half_range(o->loss), 100 * mean_of(o->right),
           100 * half_range(o->right));
    print_reached(o->reached);
    printf(" |\n");
}

/* All setups for all seeds. first[SETUPS] <- the nets of the first seed. */
static void write_losses(const char *folder, const char *name, enum light light, struct net *first)
{
    FILE *csv = open_file(folder, name);
    static struct training t;
    fprintf(csv, "norm,batch,seed,step,loss,held_out\n");
    printf("\n%s light\n\n"
           "| norm     | batch | training loss | held-out loss | right, %% | held-out loss below 1 at step |\n"
           "| -------- | ----- | ------------- | ------------- | -------- | ----------------------------- |\n",
           light == EVEN ? "Even" : "Uneven");
    for (int i = 0; i < SETUPS; i++) {
        struct outcome outcome;
        for (int seed = 1; seed <= SEEDS; seed++) {
            train(csv, &setups[i], light, seed, &t, &outcome);
            if (seed == 1)
                first[i] = t.net;
        }
        print_outcome(&setups[i], &outcome);
        fflush(stdout);
        if (fflush(csv) != 0)
            give_up(folder, name);
    }
    close_file(csv, folder, name);
}

/* ---- one sample alone and among others ----------------------------------------------------------------------------- */

typedef void forward_pass(const struct net *net, struct pass *pass, const float *x, size_t n);

static void compare_alone(FILE *csv, const char *name, const struct net *net, forward_pass *forward)
{
    static const size_t sizes[] = {2, 8, 32};
    float alone[CLASSES];
    forward(net, &pass, held[UNEVEN].x, 1);
    memcpy(alone, pass.score, sizeof alone);
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        double difference = 0;
        forward(net, &pass, held[UNEVEN].x, sizes[i]);
        for (int k = 0; k < CLASSES; k++)
            difference = fmax(difference, fabs((double)pass.score[k] - (double)alone[k]));
        fprintf(csv, "%s,%zu,%.9g,%d\n", name, sizes[i], difference, memcmp(pass.score, alone, sizeof alone) == 0);
    }
}

/* By the nets [SETUPS] that were trained over batches of BATCH_MAX. */
static void write_alone(const char *folder, const struct net *net)
{
    FILE *csv = open_file(folder, "alone.csv");
    fprintf(csv, "norm,batch,difference,same_bytes\n");
    for (int i = 0; i < SETUPS; i++) {
        const struct norm *norm = &net[i].norm;
        if (setups[i].batch != BATCH_MAX)
            continue;
        compare_alone(csv, norm->name, &net[i], net_forward);
        if (norm->normalizes && norm->kind == INSTNORM_BATCH)
            compare_alone(csv, "batch in inference", &net[i], net_infer);
    }
    close_file(csv, folder, "alone.csv");
}

/* ---- learning rates ------------------------------------------------------------------------------------------------ */

static void write_rates(const char *folder)
{
    FILE *csv = open_file(folder, "rates.csv");
    static struct training t;
    fprintf(csv, "norm,batch,rate,seed,held_out\n");
    for (const struct setup *setup = setups; setup < setups + SETUPS; setup++)
        for (size_t i = 0; i < sizeof rates / sizeof *rates; i++)
            for (int seed = 1; seed <= SEEDS; seed++) {
                training_begin(&t, setup, UNEVEN, seed, rates[i]);
                for (int step = 0; step < SHORT; step++)
                    training_step(&t);
                double loss = evaluate(&t).loss;
                fprintf(csv, "%s,%zu,%g,%d,", setup->norm.name, setup->batch, rates[i], seed);
                fprintf(csv, isfinite(loss) ? "%.9g\n" : "nan\n", loss);
            }
    close_file(csv, folder, "rates.csv");
}

/* ---- the spread of batch statistics -------------------------------------------------------------------------------- */

/* Of the first channel that the first normalization of an untrained net gets. */
static void write_spread(const char *folder)
{
    FILE *csv = open_file(folder, "spread.csv");
    static struct training t;
    const struct setup batches = {{"batch", true, INSTNORM_BATCH, 0}, BATCH_MAX};
    const struct activations *first = &pass.stage[0];
    training_begin(&t, &batches, UNEVEN, 1, usual_rate);
    fprintf(csv, "batch,draw,mean,std\n");
    for (size_t n = 1; n <= BATCH_MAX; n *= 2)
        for (int draw = 1; draw <= DRAWS; draw++) {
            textures_draw(t.step.x, t.step.label, n, UNEVEN, &t.random);
            net_forward(&t.net, &pass, t.step.x, n);
            fprintf(csv, "%zu,%d,%.9g,%.9g\n", n, draw, first->mean[0], 1 / first->rstd[0]);
        }
    close_file(csv, folder, "spread.csv");
}

/* ---- for another program ------------------------------------------------------------------------------------------- */

/*
 * trace.csv: the losses of TRACED steps of each setup, for the first seed; they have in common weights.f32, the first
 * weights as net.h has them, samples.f32 [TRACED * 32,1,16,16] and labels.u8 [TRACED * 32]. rate and momentum are in
 * settings.csv.
 */
static void trace(const char *folder)
{
    FILE *csv = open_file(folder, "trace.csv"), *settings = open_file(folder, "settings.csv");
    FILE *weights = open_file(folder, "weights.f32"), *samples = open_file(folder, "samples.f32");
    FILE *labels = open_file(folder, "labels.u8");
    static struct training t;
    fprintf(csv, "norm,batch,step,loss\n");
    fprintf(settings, "rate,momentum\n%.17g,%.17g\n", usual_rate, momentum);
    for (const struct setup *setup = setups; setup < setups + SETUPS; setup++) {
        training_begin(&t, setup, UNEVEN, 1, usual_rate);
        if (setup == setups)
            fwrite(t.net.weight, sizeof *t.net.weight, WEIGHTS, weights);
        for (int step = 0; step < TRACED; step++) {
            fprintf(csv, "%s,%zu,%d,%.17g\n", setup->norm.name, setup->batch, step, training_step(&t));
            if (setup == setups) {
                fwrite(t.step.x, sizeof *t.step.x, STEP_SAMPLES * AREA, samples);
                fwrite(t.step.label, 1, STEP_SAMPLES, labels);
            }
        }
    }
    close_file(csv, folder, "trace.csv");
    close_file(settings, folder, "settings.csv");
    close_file(weights, folder, "weights.f32");
    close_file(samples, folder, "samples.f32");
    close_file(labels, folder, "labels.u8");
}

int main(int argc, char *argv[])
{
    if (argc == 3 && strcmp(argv[1], "--trace") == 0 && argv[2][0] != '\0') {
        trace(argv[2]);
        return 0;
    }
    if (argc != 2 || argv[1][0] == '-' || argv[1][0] == '\0') {
        fprintf(stderr, "usage: training FOLDER\n       training --trace FOLDER\n");
        return 2;
    }
    static struct net first[SETUPS];
    for (enum light light = UNEVEN; light <= EVEN; light++)
        textures_draw(held[light].x, held[light].label, HELD, light, &(struct generator){0});
    write_losses(argv[1], "even.csv", EVEN, first);
    write_losses(argv[1], "losses.csv", UNEVEN, first);
    write_alone(argv[1], first);
    write_rates(argv[1]);
    write_spread(argv[1]);
    if (fflush(stdout) != 0 || ferror(stdout)) {
        fprintf(stderr, "training: cannot print the summary\n");
        return 1;
    }
    return 0;
}
