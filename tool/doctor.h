/* moorage doctor: what is wrong in a store that nobody repaired. */
#ifndef MOORAGE_TOOL_DOCTOR_H
#define MOORAGE_TOOL_DOCTOR_H

int command_doctor(int argc, char **argv);

#endif
