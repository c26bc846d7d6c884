package org.veil4j.dp.train;

import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.dataset.api.MultiDataSet;
import org.nd4j.linalg.dataset.api.MultiDataSetPreProcessor;
import org.nd4j.linalg.dataset.api.iterator.DataSetIterator;
import org.nd4j.linalg.dataset.api.iterator.MultiDataSetIterator;

/** A DataSetIterator seen as one of data sets with one input and one output. */
final class PairedIterator implements MultiDataSetIterator {
    private final transient DataSetIterator iterator;

    PairedIterator(DataSetIterator iterator) {
        this.iterator = iterator;
    }

    @Override
    public boolean hasNext() {
        return iterator.hasNext();
    }

    @Override
    public MultiDataSet next() {
        return iterator.next().toMultiDataSet();
    }

    @Override
    public MultiDataSet next(int num) {
        return iterator.next(num).toMultiDataSet();
    }

    @Override
    public void setPreProcessor(@Nullable MultiDataSetPreProcessor preProcessor) {
        throw new UnsupportedOperationException("preProcessor: set it on the iterator inside");
    }

    @Override
    public @Nullable MultiDataSetPreProcessor getPreProcessor() {
        return null;
    }

    @Override
    public boolean resetSupported() {
        return iterator.resetSupported();
    }

    @Override
    public boolean asyncSupported() {
        return false;
    }

    @Override
    public void reset() {
        iterator.reset();
    }
}
