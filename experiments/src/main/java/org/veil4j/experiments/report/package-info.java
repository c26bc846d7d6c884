/** What a run leaves behind: tables for people, JSON records for programs, facts about the machine. */
@NullMarked
package org.veil4j.experiments.report;

import org.jspecify.annotations.NullMarked;
