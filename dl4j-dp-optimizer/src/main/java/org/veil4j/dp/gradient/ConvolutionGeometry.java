package org.veil4j.dp.gradient;

import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.util.ConvolutionUtils;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Sizes of one 2-D convolution over one input size, in pixels; everything that the kernels need to know of it. Output
 * pixel (y, x) reads input pixels {@code (strideH y + dilationH i - padTop, strideW x + dilationW j - padLeft)} for
 * i in [0, kernelH), j in [0, kernelW); pixels outside the image are 0.
 *
 * @param inChannels channels of the input
 * @param inH height of the input
 * @param inW width of the input
 * @param outChannels channels of the output
 * @param outH height of the output
 * @param outW width of the output
 * @param kernelH height of the kernel
 * @param kernelW width of the kernel
 * @param strideH vertical step
 * @param strideW horizontal step
 * @param padTop rows of zeros above the image
 * @param padLeft columns of zeros left of the image
 * @param dilationH vertical distance of two kernel elements, 1 for an ordinary kernel
 * @param dilationW horizontal distance of two kernel elements
 */
public record ConvolutionGeometry(
        int inChannels,
        int inH,
        int inW,
        int outChannels,
        int outH,
        int outW,
        int kernelH,
        int kernelW,
        int strideH,
        int strideW,
        int padTop,
        int padLeft,
        int dilationH,
        int dilationW) {

    /**
     * Checks the sizes.
     *
     * @throws IllegalArgumentException when one is out of range
     */
    public ConvolutionGeometry {
        if (Math.min(Math.min(inChannels, outChannels), Math.min(kernelH, kernelW)) < 1
                || Math.min(Math.min(inH, inW), Math.min(outH, outW)) < 1
                || Math.min(Math.min(strideH, strideW), Math.min(dilationH, dilationW)) < 1) {
            throw new IllegalArgumentException(
                    "channels=" + inChannels + "," + outChannels + " input=" + inH + "x" + inW
                            + " output=" + outH + "x" + outW + " kernel=" + kernelH + "x" + kernelW
                            + ": channels, sizes, strides and dilations must be at least 1; check the layer's configuration");
        }
        if (padTop < 0 || padLeft < 0) {
            throw new IllegalArgumentException(
                    "padding=" + padTop + "," + padLeft + ": must not be negative; crop with a layer of its own");
        }
    }

    /**
     * The geometry of a DL4J convolution for the input that it has now. Modes Same, Truncate and Strict; any stride, padding
     * and dilation.
     *
     * @param layer the layer's configuration
     * @param input activations of shape {@code [examples, channels, height, width]}
     * @return the sizes
     * @throws IllegalArgumentException for channels-last layers and for mode Causal
     */
    public static ConvolutionGeometry of(ConvolutionLayer layer, INDArray input) {
        check(layer);
        int[] kernel = layer.getKernelSize();
        int[] stride = layer.getStride();
        int[] dilation = layer.getDilation();
        int[] size = {(int) input.size(2), (int) input.size(3)};
        boolean same = layer.getConvolutionMode() == ConvolutionMode.Same;
        int[] padding = same ? null : layer.getPadding();
        int[] out = ConvolutionUtils.getOutputSize(
                input, kernel, stride, padding, layer.getConvolutionMode(), dilation, CNN2DFormat.NCHW);
        int[] pad = padding == null
                ? ConvolutionUtils.getSameModeTopLeftPadding(out, size, kernel, stride, dilation)
                : padding;
        return new ConvolutionGeometry(
                (int) input.size(1),
                size[0],
                size[1],
                (int) layer.getNOut(),
                out[0],
                out[1],
                kernel[0],
                kernel[1],
                stride[0],
                stride[1],
                pad[0],
                pad[1],
                dilation[0],
                dilation[1]);
    }

    /**
     * Refuses what these kernels do not compute.
     *
     * @param layer the layer's configuration
     * @throws IllegalArgumentException for channels-last layers and for mode Causal
     */
    public static void check(ConvolutionLayer layer) {
        if (layer.getCnn2dDataFormat() != CNN2DFormat.NCHW) {
            throw new IllegalArgumentException("dataFormat=" + layer.getCnn2dDataFormat() + " of layer "
                    + layer.getLayerName() + ": per-example gradients need channels first; use CNN2DFormat.NCHW");
        }
        if (layer.getConvolutionMode() == ConvolutionMode.Causal) {
            throw new IllegalArgumentException("convolutionMode=Causal of layer " + layer.getLayerName()
                    + ": has no per-example gradient in two dimensions; use Same, Truncate or Strict");
        }
    }

    /**
     * Output pixels of one channel.
     *
     * @return {@code outH * outW}
     */
    public int positions() {
        return outH * outW;
    }

    /**
     * Weights of one output channel.
     *
     * @return {@code inChannels * kernelH * kernelW}
     */
    public int patch() {
        return inChannels * kernelH * kernelW;
    }

    /**
     * Weights without the bias.
     *
     * @return {@code outChannels * patch()}
     */
    public int weights() {
        return outChannels * patch();
    }

    /**
     * Rows that the output reads, padding included and unread rows at the bottom left out.
     *
     * @return {@code strideH * (outH - 1) + dilationH * (kernelH - 1) + 1}
     */
    public int paddedH() {
        return strideH * (outH - 1) + dilationH * (kernelH - 1) + 1;
    }

    /**
     * Columns that the output reads, padding included.
     *
     * @return {@code strideW * (outW - 1) + dilationW * (kernelW - 1) + 1}
     */
    public int paddedW() {
        return strideW * (outW - 1) + dilationW * (kernelW - 1) + 1;
    }

    /**
     * Whether the kernel moves by one pixel and is not dilated.
     *
     * @return true for stride 1 and dilation 1 in both directions
     */
    public boolean isDense() {
        return strideH == 1 && strideW == 1 && dilationH == 1 && dilationW == 1;
    }

    /** Whether the patches of an example are its pixels as they are: a 1x1 kernel that skips nothing. */
    boolean isPointwise() {
        return kernelH == 1
                && kernelW == 1
                && strideH == 1
                && strideW == 1
                && outH == inH
                && outW == inW
                && padTop == 0
                && padLeft == 0;
    }
}
