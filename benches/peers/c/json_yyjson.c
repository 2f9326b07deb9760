/* Measures how fast yyjson parses each given JSON file into a tree.
 *
 * cargo bench --bench json -- --write FOLDER
 * cc -O3 -I YYJSON json_yyjson.c YYJSON/yyjson.c -o json_yyjson && ./json_yyjson FOLDER/NAME.json
 */
#define _POSIX_C_SOURCE 200809L

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "yyjson.h"

static double seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static size_t values;

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

static void measure(const char *path)
{
    FILE *file = fopen(path, "rb");
    static char text[16 << 20];
    size_t length = file ? fread(text, 1, sizeof text, file) : 0;
    if (file)
        fclose(file);
    double parse = 1e9, all = 1e9, end = seconds() + 1;
    do {
        double start = seconds();
        yyjson_doc *document = yyjson_read(text, length, 0);
        if (!document) {
            fprintf(stderr, "%s is not JSON\n", path);
            exit(1);
        }
        double parsed = seconds();
        values += walk(yyjson_doc_get_root(document));
        yyjson_doc_free(document);
        double walked = seconds();
        parse = parsed - start < parse ? parsed - start : parse;
        all = walked - start < all ? walked - start : all;
    } while (seconds() < end);
    printf("%-40s yyjson %9.0f MB/s, with all values read %9.0f\n", path, (double)length / parse / 1e6,
           (double)length / all / 1e6);
}

int main(int argc, char **argv)
{
    for (int i = 1; i < argc; i++)
        measure(argv[i]);
    return values == 0;
}
