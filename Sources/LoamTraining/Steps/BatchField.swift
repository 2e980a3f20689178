import LoamKernels
import LoamQuery

/// Some rows of one field of a batch: between the distinct rows of its table and what a model sees.
struct BatchField {
  private let field: FeatureBatch.Field
  private let rows: Range<Int>

  init(_ field: FeatureBatch.Field, _ rows: Range<Int>) {
    self.field = field
    self.rows = rows
  }

  /// The value's row, or the mean of those of several values, each `stride` elements.
  func gather(_ values: UnsafePointer<Float>, _ width: Int, to out: UnsafeMutablePointer<Float>, stride: Int) {
    field.codes.withUnsafeBufferPointer { codes in
      if field.offsets.isEmpty {
        return loam_gather(out, stride, values, width, codes.baseAddress! + rows.lowerBound, rows.count)
      }
      withOffsets { offsets in
        loam_gather_bags(out, stride, values, width, codes.baseAddress!, offsets, field.shares, rows.count)
      }
    }
  }

  /// Adds each row's weight, or the mean of those of its values, to the row's sum.
  func addWeights(_ values: UnsafePointer<Float>, to sums: UnsafeMutablePointer<Float>) {
    field.codes.withUnsafeBufferPointer { codes in
      if field.offsets.isEmpty {
        return loam_add_weights(sums, values, codes.baseAddress! + rows.lowerBound, rows.count)
      }
      withOffsets { loam_add_weights_bags(sums, values, codes.baseAddress!, $0, field.shares, rows.count) }
    }
  }

  func scatter(_ gradients: UnsafePointer<Float>, stride: Int, _ width: Int, into sums: UnsafeMutablePointer<Float>) {
    field.codes.withUnsafeBufferPointer { codes in
      if field.offsets.isEmpty {
        return loam_scatter_add(sums, gradients, stride, width, codes.baseAddress! + rows.lowerBound, rows.count)
      }
      withOffsets { offsets in
        loam_scatter_add_bags(sums, gradients, stride, width, codes.baseAddress!, offsets, field.shares, rows.count)
      }
    }
  }

  /// Event by event: `[rows, length, width]`, `[rows, length]` twice.
  func gatherSequences(
    _ values: UnsafePointer<Float>, _ width: Int, length: Int, to out: UnsafeMutablePointer<Float>,
    mask: UnsafeMutablePointer<Float>, codes places: UnsafeMutablePointer<Float>
  ) {
    withOffsets { offsets in
      field.codes.withUnsafeBufferPointer { codes in
        loam_gather_sequences(out, mask, places, values, width, codes.baseAddress, offsets, length, rows.count)
      }
    }
  }

  /// A number an event, at the event's place of `[rows, length]`; 0 at padding.
  func placeEvents(
    _ values: KeyPath<FeatureBatch.Field, [Float]>, length: Int, to out: UnsafeMutablePointer<Float>
  ) {
    withOffsets { offsets in
      field[keyPath: values].withUnsafeBufferPointer { values in
        for row in 0..<rows.count {
          let (start, end) = (Int(offsets[row]), Int(offsets[row + 1]))
          let (count, to) = (min(end - start, length), out + row * length)
          to.update(repeating: 0, count: length - count)
          if count > 0 { (to + length - count).update(from: values.baseAddress! + end - count, count: count) }
        }
      }
    }
  }

  func scatterSequences(
    _ gradients: UnsafePointer<Float>, _ width: Int, length: Int, into sums: UnsafeMutablePointer<Float>
  ) {
    withOffsets { offsets in
      field.codes.withUnsafeBufferPointer { codes in
        loam_scatter_add_sequences(sums, gradients, width, codes.baseAddress, offsets, length, rows.count)
      }
    }
  }

  private func withOffsets(_ body: (UnsafePointer<UInt32>) -> Void) {
    field.offsets.withUnsafeBufferPointer { body($0.baseAddress! + rows.lowerBound) }
  }
}
