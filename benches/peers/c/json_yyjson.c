/* Measures how fast yyjson reads each given JSON file: into a tree, and also all values of the tree. Prints a line for
 * each: file, reading and MB/s, with tabs between them. */
#define _POSIX_C_SOURCE 200809L

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <yyjson.h>

static char text[16 << 20];
static size_t length;
static size_t values;
/* Reused, like the parser of simdjson. */
static yyjson_alc *memory;

static double seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

/* Reads all values, as the benchmark of libsac does. */
static size_t walk(yyjson_val *value)
{
    size_t all = 1;
    size_t index, max;
    yyjson_val *name, *inner;
    if (yyjson_is_arr(value)) {
        yyjson_arr_foreach(value, index, max, inner) all += walk(inner);
    } else if (yyjson_is_obj(value)) {
        yyjson_obj_foreach(value, index, max, name, inner) all += yyjson_get_len(name) + walk(inner);
    } else if (yyjson_is_str(value)) {
        all += yyjson_get_len(value);
    } else if (yyjson_is_num(value)) {
        all += (size_t)yyjson_get_num(value) & 1;
    }
    return all;
}

static void parse(int with_values)
{
    yyjson_doc *document = yyjson_read_opts(text, length, 0, memory, NULL);
    if (document == NULL) {
        fputs("a file is not JSON\n", stderr);
        exit(1);
    }
    values += with_values ? walk(yyjson_doc_get_root(document)) : 1;
    yyjson_doc_free(document);
}

/* The fastest run counts, because disturbances only make a run longer. */
static double fastest(int with_values)
{
    double best = 1e9, end = seconds() + 0.1;
    for (double start; (start = seconds()) < end;) {
        parse(with_values);
        double taken = seconds() - start;
        best = taken < best ? taken : best;
    }
    return best;
}

int main(int argc, char **argv)
{
    memory = yyjson_alc_dyn_new();
    if (memory == NULL)
        return 1;
    for (int i = 1; i < argc; i++) {
        FILE *file = fopen(argv[i], "rb");
        length = file ? fread(text, 1, sizeof text, file) : 0;
        if (file)
            fclose(file);
        printf("%s\tcheck and index\t%.0f\n", argv[i], (double)length / fastest(0) / 1e6);
        printf("%s\tall values\t%.0f\n", argv[i], (double)length / fastest(1) / 1e6);
    }
    return values == 0;
}
