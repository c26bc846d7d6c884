package org.veil4j.layers.conv;

import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.layers.convolution.ConvolutionHelper;
import org.deeplearning4j.nn.layers.mkldnn.MKLDNNConvHelper;
import org.nd4j.linalg.api.buffer.DataType;
import org.veil4j.dp.gradient.PrivateConvolution;

/**
 * The stock convolution with the helper set where the network's type and the binaries allow it; its per-example gradients are
 * those of {@link PrivateConvolution}. Public for layers that compute their weights; configure {@link OneDnnConvolution}.
 */
public class OneDnnConvolutionImpl extends PrivateConvolution {
    private static final long serialVersionUID = 2L;
    private static final Logger LOG = LogManager.getLogger(OneDnnConvolutionImpl.class);

    /**
     * Creates the layer as Deeplearning4j does; parameters are set afterwards.
     *
     * @param conf the layer's configuration
     * @param type the network's data type
     */
    public OneDnnConvolutionImpl(NeuralNetConfiguration conf, DataType type) {
        super(conf, type);
        if (type == DataType.FLOAT && OneDnn.isAvailable() && !isDilated()) {
            helper = createHelper(type);
        }
    }

    /** With dilation the native operation refuses the helper's call, and the stock path would log a warning a batch. */
    private boolean isDilated() {
        int[] dilation = layerConf().getDilation();
        return dilation[0] != 1 || dilation[1] != 1;
    }

    /** The helper, or what the stock layer found by itself (usually null) where the class is not there. */
    private ConvolutionHelper createHelper(DataType type) {
        try {
            return new MKLDNNConvHelper(type);
        } catch (LinkageError e) {
            LOG.debug("No oneDNN convolution helper in this Deeplearning4j; using the stock path", e);
            return helper;
        }
    }
}
