#include "page.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

static const char head[] =
    "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
    "<meta name=\"viewport\" content=\"width=device-width,"
    "initial-scale=1\">\n<title>";

static const char style[] =
    "</title>\n<style>\n"
    ":root { color-scheme: light dark; --ink: #1f2328; --soft: #59636e;\n"
    "  --page: #ffffff; --card: #f6f8fa; --line: #d8dee4; --ours: #2273d8;\n"
    "  --mark: #2273d81a; --bad: #c22c38; --good: #1a7f37 }\n"
    "@media (prefers-color-scheme: dark) {\n"
    "  :root { --ink: #e6edf3; --soft: #9198a1; --page: #0d1117;\n"
    "    --card: #151b23; --line: #3d444d; --ours: #6aa9f7;\n"
    "    --mark: #2273d840; --bad: #ff7b72; --good: #4fc163 } }\n"
    "body { margin: 0 auto; padding: 2rem 1.25rem 4rem; max-width: 75rem;\n"
    "  color: var(--ink); background: var(--page);\n"
    "  font: 1rem/1.5 system-ui, sans-serif }\n"
    "h1 { font-size: 1.9rem; line-height: 1.2; margin: 0 0 .5rem }\n"
    "h2 { font-size: 1.3rem; margin: 3rem 0 .25rem }\n"
    "p { max-width: 46rem; margin: .25rem 0 .75rem }\n"
    ".soft, small { color: var(--soft) }\n"
    "dl { display: grid; grid-template-columns: max-content 1fr;\n"
    "  gap: .15rem 1rem; margin: 1rem 0; font-size: .9rem }\n"
    "dt { color: var(--soft) }\ndd { margin: 0; overflow-wrap: anywhere }\n"
    ".curves { display: grid; gap: 1rem; margin: .75rem 0;\n"
    "  grid-template-columns: repeat(auto-fit, minmax(min(30rem, 100%),\n"
    "  1fr)) }\n"
    "figure { margin: 0; padding: .5rem .5rem .75rem; border-radius: .5rem;\n"
    "  background: var(--card); border: 1px solid var(--line);\n"
    "  max-width: 38rem }\n"
    "figure svg { display: block; width: 100%; height: auto }\n"
    "details { margin: .5rem 0 }\nsummary { cursor: pointer }\n"
    ".wide { overflow-x: auto }\n"
    "table { border-collapse: collapse; font-size: .88rem;\n"
    "  font-variant-numeric: tabular-nums; margin: .5rem 0 }\n"
    "th, td { padding: .3rem .7rem; text-align: right;\n"
    "  vertical-align: top; border-bottom: 1px solid var(--line) }\n"
    "th { font-weight: 600 }\n"
    "thead th { border-bottom-width: 2px }\n"
    ".text { text-align: left }\n"
    ".note { text-align: left; color: var(--soft); max-width: 28rem }\n"
    ".ours { background: var(--mark); font-weight: 600 }\n"
    "td small { display: block; font-size: .78rem; font-weight: 400;\n"
    "  white-space: nowrap }\n"
    ".dot { display: inline-block; width: .6em; height: .6em;\n"
    "  border-radius: 50%; margin-right: .4em }\n"
    ".yes { color: var(--good) }\n.no { color: var(--bad); "
    "font-weight: 700 }\n"
    "</style>\n</head>\n<body>\n<h1>";

void page_begin(FILE *to, const char *title)
{
    fputs(head, to);
    page_text(to, title);
    fputs(style, to);
    page_text(to, title);
    fputs("</h1>\n", to);
}

void page_end(FILE *to)
{
    fputs("</body>\n</html>\n", to);
}

void page_text(FILE *to, const char *text)
{
    for (; *text != '\0'; text++) {
        switch (*text) {
        case '&': fputs("&amp;", to); break;
        case '<': fputs("&lt;", to); break;
        case '>': fputs("&gt;", to); break;
        case '"': fputs("&quot;", to); break;
        case '\'': fputs("&#39;", to); break;
        default: fputc(*text, to); break;
        }
    }
}

void page_number(FILE *to, double number)
{
    char digits[64];
    const double size = fabs(number);
    const int places = size < 1 ? 3 : size < 10 ? 2 : size < 100 ? 1 : 0;

    if (size >= 1e15) {
        fprintf(to, "%.3g", number);
        return;
    }
    snprintf(digits, sizeof digits, "%.*f",
             number == floor(number) ? 0 : places, number);
    size_t whole = strcspn(digits, ".");
    for (size_t i = 0; digits[i] != '\0'; i++) {
        const bool group = i > 0 && i < whole && (whole - i) % 3 == 0;

        if (group && digits[i - 1] != '-') fputc(',', to);
        fputc(digits[i], to);
    }
}

void page_time(FILE *to, double ns)
{
    static const char *const units[] = { "ns", "µs", "ms", "s" };
    unsigned unit = 0;

    while (ns >= 999.5 && unit < 3) {
        ns /= 1000;
        unit++;
    }
    fprintf(to, "%.*f %s", ns < 10 ? 2 : ns < 100 ? 1 : 0, ns, units[unit]);
}
