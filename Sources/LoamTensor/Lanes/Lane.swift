/// Adds numbers of all lanes of a batch, in the order of the lanes.
///
/// Every lane calls `sum` in the same order with as many numbers; each call returns to all with the same totals. It is
/// what batch norm and means over a batch need so that cutting a batch into lanes does not change them.
public protocol BatchReduction: AnyObject, Sendable {
  func sum(_ numbers: UnsafeMutableBufferPointer<Float>, lane: Int)
}

/// The rows of a batch that one tape works on. By default the tape has the whole batch.
public struct Lane: Sendable {
  public var index: Int
  /// Place of its first row in the batch: dropout counts rows of the batch, not of the lane.
  public var firstRow: Int
  public var reduction: (any BatchReduction)?

  public init(index: Int = 0, firstRow: Int = 0, reduction: (any BatchReduction)? = nil) {
    self.index = index
    self.firstRow = firstRow
    self.reduction = reduction
  }

  func sum(_ tensor: Tensor) { reduction?.sum(tensor.buffer, lane: index) }
}
