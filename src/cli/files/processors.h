/* How much this process may do at a time. */
#ifndef CLI_FILES_PROCESSORS_H
#define CLI_FILES_PROCESSORS_H

/* The processors that its affinity and its control group allow: at least 1. */
unsigned processors(void);

/* How many processors a control group may keep busy with this quota and period ("150000 100000": 2); 0: any number. */
unsigned processors_of_quota(const char *quota_and_period);

/* Worker processes that leave each other enough descriptors: at least 1. */
unsigned processes_most(void);

/* How many jobs each of so many may have beside the one that it does, `most` at most: each job holds an output open. */
unsigned jobs_ahead(unsigned workers, unsigned most);

#endif
