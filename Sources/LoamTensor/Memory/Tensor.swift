/// Dense f32 numbers in row-major order.
///
/// A tensor refers to memory; copies of the value see the same numbers. Its memory is its own (`init`) or an arena's,
/// and then the tensor ends with the arena's step: using it later traps.
///
/// ```swift
/// let weight = Tensor(Shape(400, 100))          // zeros
/// weight[3, 7] = 0.5
/// ```
public struct Tensor: Sendable {
  public let shape: Shape
  let storage: Storage
  private let generation: UInt64

  init(_ shape: Shape, storage: Storage) {
    self.shape = shape
    self.storage = storage
    self.generation = storage.generation
  }

  /// Zeros in memory of its own.
  public init(_ shape: Shape) {
    self.init(shape, storage: Storage(capacity: shape.count))
    fill(0)
  }

  public init(_ shape: Shape, _ values: [Float]) {
    precondition(values.count == shape.count, "\(shape) holds \(shape.count) numbers, found \(values.count)")
    self.init(shape, storage: Storage(capacity: shape.count))
    _ = buffer.initialize(from: values)
  }

  /// The numbers; valid while the tensor is.
  public var pointer: UnsafeMutablePointer<Float> {
    precondition(generation == storage.generation, "a tensor \(shape) was used after its arena's step ended")
    return storage.base
  }
  public var buffer: UnsafeMutableBufferPointer<Float> { UnsafeMutableBufferPointer(start: pointer, count: count) }
  public var count: Int { shape.count }
  /// A copy of the numbers.
  public var values: [Float] { Array(buffer) }

  /// The same numbers under another shape of as many elements.
  public func reshaped(_ shape: Shape) -> Tensor {
    precondition(shape.count == count, "\(self.shape) cannot be read as \(shape)")
    _ = pointer
    return Tensor(shape, storage: storage)
  }

  /// Whether both are the same numbers in memory, not equal ones.
  package func sharesMemory(with other: Tensor) -> Bool { storage === other.storage }

  public func fill(_ value: Float) { buffer.update(repeating: value) }

  public func copy(from other: Tensor) {
    precondition(other.shape == shape, "a copy of \(other.shape) into \(shape)")
    pointer.update(from: other.pointer, count: count)
  }

  public subscript(row: Int, column: Int) -> Float {
    get { pointer[index(row, column)] }
    nonmutating set { pointer[index(row, column)] = newValue }
  }

  private func index(_ row: Int, _ column: Int) -> Int {
    precondition(
      row >= 0 && row < shape.rows && column >= 0 && column < shape.columns, "[\(row), \(column)] of \(shape)")
    return row * shape.columns + column
  }
}
