/* Memory in whole pages from the system, filled in at once. */
#ifndef CLI_FILES_PAGES_H
#define CLI_FILES_PAGES_H

#include "base/buffer.h"

/* For buffers of pictures and their bands. */
extern const struct memory pages;

#endif
