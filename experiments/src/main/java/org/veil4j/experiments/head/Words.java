package org.veil4j.experiments.head;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** Constants as they are written on the command line and in records: lower case, with hyphens. */
public final class Words {
    private Words() {}

    /** A constant's word, such as {@code volley-revolver}. */
    public static String of(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /**
     * The constant of a word.
     *
     * @param option for messages
     * @param text in any case, with hyphens or underscores
     * @throws IllegalArgumentException if there is none; the message lists them
     */
    public static <E extends Enum<E>> E parse(String option, String text, Class<E> type) {
        String wanted = text.strip().replace('_', '-');
        E[] constants = type.getEnumConstants();
        for (E constant : constants) {
            if (of(constant).equalsIgnoreCase(wanted)) {
                return constant;
            }
        }
        throw new IllegalArgumentException(option + "=" + text + ": must be one of "
                + Arrays.stream(constants).map(Words::of).collect(Collectors.joining(", ")));
    }
}
