/* moorage: the books of an agent runtime.  Includes all public headers. */
#ifndef MOORAGE_MOORAGE_H
#define MOORAGE_MOORAGE_H

#include "error.h"
#include "agent.h"
#include "registry.h"
#include "admission.h"
#include "lifecycle.h"
#include "close.h"
#include "residency.h"
#include "wait.h"
#include "lending.h"
#include "journal.h"
#include "events.h"
#include "read.h"
#include "snapshot.h"
#include "metrics.h"

#endif
