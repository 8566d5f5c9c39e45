#include "lessons/figure.h"

#include "cli/report/html/markup.h"

/* The colours of the page of --report, light and dark. */
static const char colours[] = {
#include "lessons/colours.h"
};

/* What lines share, and what is of the kinds: each has a colour and a pattern of dashes. */
static const char style[] =
    "svg{fill:var(--ink)}text{font:17px system-ui,sans-serif}"
    "@media (max-width:480px){text{font-size:20px}}"
    ".s{text-anchor:start}.m{text-anchor:middle}.e{text-anchor:end}"
    ".title,.label{font-weight:600}.quiet{fill:var(--quiet)}"
    ".label,.number{fill:color-mix(in srgb,var(--hue) 70%,var(--ink))}"
    "path{fill:none;stroke-linejoin:round}"
    ".paper{fill:var(--paper)}.strip{fill:var(--fill)}.grid{stroke:var(--line)}.axis{stroke:var(--quiet)}"
    ".none{--hue:var(--quiet);--dash:1 6}.instance{--hue:var(--b);--dash:none}"
    ".layer{--hue:var(--g);--dash:14 6}.group{--hue:var(--v);--dash:11 5 1 5}.batch{--hue:var(--r);--dash:6 4}"
    ".line{stroke:var(--hue);stroke-width:2.5;stroke-dasharray:var(--dash);stroke-linecap:round}"
    ".band{fill:var(--hue);fill-opacity:0.14}.lead{stroke:var(--hue)}"
    ".dots{stroke:var(--hue);stroke-width:8;stroke-linecap:round}.cross{stroke:var(--hue);stroke-width:2.5}"
    ".draws{--hue:var(--b)}.all{--hue:var(--ink);--dash:none}"
    ".draws.dots{stroke-width:4;stroke-opacity:0.6}.all.band{--hue:var(--v);fill-opacity:0.25}"
    ".hue0{--hue:var(--b)}.hue1{--hue:var(--v)}.hue2{--hue:var(--g)}"
    ".hue3{--hue:var(--u)}.hue4{--hue:var(--r)}.hue5{--hue:var(--k)}"
    ".cell{fill:var(--hue)}.pool{fill:none;stroke:var(--hue);stroke-width:3}"
    ".number{font-weight:700;stroke:var(--paper);stroke-width:5;paint-order:stroke;stroke-linejoin:round}";

void figure_begin(struct growing *to, int height, const char *title, const struct growing *description)
{
    growing_format(
        to,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"800\" height=\"%d\" viewBox=\"0 0 %d %d\" role=\"img\" "
        "aria-labelledby=\"title description\">\n<title id=\"title\">",
        800 * height / FIGURE_WIDTH, FIGURE_WIDTH, height);
    markup_string(to, title);
    growing_put(to, "</title>\n<desc id=\"description\">");
    if (description->lacks)
        to->lacks = true;
    markup_text(to, description->text, description->n);
    growing_put(to, "</desc>\n<style>\n");
    growing_add(to, colours, sizeof colours);
    growing_put(to, style);
    growing_format(to, "\n</style>\n<rect class=\"paper\" width=\"%d\" height=\"%d\"/>\n", FIGURE_WIDTH, height);
}

void figure_end(struct growing *to)
{
    growing_put(to, "</svg>\n");
}

void figure_text(struct growing *to, const char *class, double x, double y, const char *text)
{
    growing_format(to, "<text class=\"%s\" x=\"%.1f\" y=\"%.1f\">", class, x, y);
    markup_string(to, text);
    growing_put(to, "</text>\n");
}
