import LoamKernels

/// Adds the gradients of all lanes into the parameters', chunk by chunk.
///
/// Each element is summed in the order of the lanes whichever thread sums its chunk, so the result depends on the number
/// of lanes and not on that of threads.
public final class DenseReduction {
  /// Some elements of one parameter: what one thread sums and updates while they are in its cache.
  public struct Chunk: Sendable {
    public var parameter: Int
    public var elements: Range<Int>
  }
  public let parameters: [Parameter]
  public let chunks: [Chunk]
  private let places: [ObjectIdentifier: Int]
  /// For each parameter the gradients of its uses, lane after lane.
  private var sources: [[UnsafePointer<Float>]]

  static let chunkElements = 16_384
  /// Summed at a time, so that the sum stays in the nearest cache.
  private static let strip = 2_048

  public init(_ parameters: [Parameter]) {
    self.parameters = parameters
    places = Dictionary(uniqueKeysWithValues: parameters.enumerated().map { (ObjectIdentifier($1), $0) })
    sources = parameters.map { _ in [] }
    chunks = parameters.indices.flatMap { parameter in
      let count = parameters[parameter].value.count
      return stride(from: 0, to: count, by: Self.chunkElements).map {
        Chunk(parameter: parameter, elements: $0..<min($0 + Self.chunkElements, count))
      }
    }
  }

  /// Notes where the tapes have their gradients. They are read until the tapes begin another step.
  public func collect(_ tapes: some Sequence<Tape>) {
    for index in sources.indices { sources[index].removeAll(keepingCapacity: true) }
    for tape in tapes {
      tape.forEachParameterGradient { parameter, gradient in
        guard let place = places[ObjectIdentifier(parameter)] else {
          preconditionFailure("the parameter \(parameter.name) is on a tape and not among the model's")
        }
        sources[place].append(gradient)
      }
    }
  }

  /// Adds the gradients of one chunk to the parameter's.
  public func sum(_ chunk: Chunk) {
    let total = parameters[chunk.parameter].gradient.pointer
    for begin in stride(from: chunk.elements.lowerBound, to: chunk.elements.upperBound, by: Self.strip) {
      let count = min(Self.strip, chunk.elements.upperBound - begin)
      for source in sources[chunk.parameter] { loam_f32_scale(total + begin, source + begin, 1, count, true) }
    }
  }

  /// The sum of squares of a chunk's gradient, in f64.
  public func squareSum(_ chunk: Chunk) -> Double {
    loam_f32_square_sum(parameters[chunk.parameter].gradient.pointer + chunk.elements.lowerBound, chunk.elements.count)
  }

  public func scale(_ chunk: Chunk, by factor: Float) {
    let gradient = parameters[chunk.parameter].gradient.pointer + chunk.elements.lowerBound
    loam_f32_scale(gradient, gradient, factor, chunk.elements.count, false)
  }
}
