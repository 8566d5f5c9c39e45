/* Notes stay in order, each with the file that it is about. */
#include "base/notes.h"
#include "support.h"

#include <stdio.h>
#include <string.h>

START_TEST(notes_stay_in_order)
{
    struct notes notes = {0};
    for (int i = 0; i < 100; i++)
        notes_add(&notes, i % 2 ? NOTE_WARNING : NOTE_VERBOSE, i % 3 ? NULL : "mask.png", "number %d", i);
    ck_assert(notes.n == 100 && !notes.lacks);
    for (int i = 0; i < 100; i++) {
        char text[32];
        const struct note *note = &notes.item[i];
        snprintf(text, sizeof text, "number %d", i);
        ck_assert_str_eq(note->text, text);
        ck_assert(note->level == (i % 2 ? NOTE_WARNING : NOTE_VERBOSE));
        ck_assert(i % 3 ? !note->name : strcmp(note->name, "mask.png") == 0);
    }
    notes_free(&notes);
    ck_assert(notes.n == 0 && !notes.item);
}
END_TEST

START_TEST(a_text_is_added_once)
{
    struct notes notes = {0};
    ck_assert(notes_add_once(&notes, 2, NOTE_WARNING, "a"));
    ck_assert(!notes_add_once(&notes, 2, NOTE_WARNING, "a"));
    ck_assert(notes_add_once(&notes, 2, NOTE_WARNING, "100 %s of it"));
    ck_assert(!notes_add_once(&notes, 2, NOTE_WARNING, "c"));
    ck_assert(notes.n == 2);
    ck_assert_str_eq(notes.item[1].text, "100 %s of it");
    notes_free(&notes);
}
END_TEST

START_TEST(a_named_note_is_another_one)
{
    struct notes notes = {0};
    notes_add(&notes, NOTE_WARNING, "x.png", "a");
    ck_assert(notes_add_once(&notes, 8, NOTE_WARNING, "a"));
    ck_assert(notes.n == 2 && !notes.item[1].name);
    notes_free(&notes);
}
END_TEST

SUITE(notes)
{
    TCase *cases = tcase_create("notes");
    tcase_add_test(cases, notes_stay_in_order);
    tcase_add_test(cases, a_text_is_added_once);
    tcase_add_test(cases, a_named_note_is_another_one);
    suite_add_tcase(suite, cases);
}
