package org.veil4j.experiments.cli;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Sizes like {@code 2g}, {@code 1.5GiB}, {@code 512m} or plain bytes; units are powers of 1024. */
final class SizeConverter implements ITypeConverter<Long> {
    private static final Pattern SIZE = Pattern.compile("([0-9]+(?:\\.[0-9]+)?)\\s*([kmgt]?)(?:i?b)?");

    @Override
    public Long convert(String text) {
        Matcher matcher = SIZE.matcher(text.strip().toLowerCase(Locale.ROOT));
        if (!matcher.matches()) {
            throw new TypeConversionException("'" + text + "' is not a size; write for example 2g, 1.5g or 512m");
        }
        double bytes = Double.parseDouble(matcher.group(1))
                * Math.pow(1024, matcher.group(2).isEmpty() ? 0 : " kmgt".indexOf(matcher.group(2)));
        if (bytes < 1 || bytes > 1L << 60) {
            throw new TypeConversionException("'" + text + "' must be from 1 byte to 2^60 bytes");
        }
        return (long) bytes;
    }
}
