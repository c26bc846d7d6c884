package org.veil4j.layers.conv;

import org.bytedeco.javacpp.Loader;

/** Tells whether the ND4J binaries on the class path were built with oneDNN, Intel's convolution kernels. */
public final class OneDnn {
    private static final String[] EXTENSIONS = {"-onednn", "-onednn-avx2", "-onednn-avx512"};
    private static final boolean AVAILABLE = find();

    private OneDnn() {}

    /**
     * Whether {@link OneDnnConvolution} can use oneDNN here.
     *
     * @return true when an nd4j-native binary with oneDNN for this platform is on the class path
     */
    public static boolean isAvailable() {
        return AVAILABLE;
    }

    private static boolean find() {
        ClassLoader loader = OneDnn.class.getClassLoader();
        for (String extension : EXTENSIONS) {
            String path = "META-INF/native-image/" + Loader.getPlatform() + extension + "/jnind4jcpu/jni-config.json";
            if (loader.getResource(path) != null) {
                return true;
            }
        }
        return false;
    }
}
