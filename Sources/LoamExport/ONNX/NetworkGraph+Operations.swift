import Foundation
import LoamTensor

/// Operations that take a few nodes.
extension NetworkGraph {
  /// A value that the model gave its tape: a mask, or the same numbers for every batch.
  mutating func input(_ index: Int, _ value: Tensor) throws(ExportError) -> String {
    if trace.inputs.sequences.contains(where: { $0.mask.sharesMemory(with: value) }) {
      return builder.reshape(masks[try trace.sequence(ofMask: value)], try trace.target(index))
    }
    let constant = try trace.constant(index)
    return builder.floats(constant.values, constant.shape.axes)
  }

  mutating func parameter(_ parameter: Parameter) -> String {
    if let known = parameters[ObjectIdentifier(parameter)] { return known }
    let name = "network/\(parameter.name)"
    builder.initialiser(name, .f32, parameter.value.shape.axes, Data(buffer: parameter.value.buffer))
    parameters[ObjectIdentifier(parameter)] = name
    return name
  }

  mutating func linear(_ x: Variable, _ weight: Variable, _ bias: Variable?, relu: Bool) -> String {
    var y: String
    if x.shape.rank == 2 {
      y = builder.node("Gemm", [name(x), name(weight)] + (bias.map { [name($0)] } ?? []), with: [.int("transB", 1)])
    } else {
      y = builder.node("MatMul", name(x), builder.node("Transpose", name(weight), with: [.ints("perm", [1, 0])]))
      if let bias { y = builder.node("Add", y, name(bias)) }
    }
    return relu ? builder.node("Relu", y) : y
  }

  /// A number for each row of `a` `[rows..., columns]`, as `[rows..., 1]`.
  mutating func columnOf(_ a: Variable, _ column: Variable) throws(ExportError) -> String {
    var target = try trace.target(a.index)
    target[target.count - 1] = 1
    return builder.reshape(name(column), target)
  }

  /// The axis whose neighbours hold as many elements as the kernel steps over; axes of length one make no difference.
  mutating func sum(_ index: Int, _ a: Variable, outer: Int, axis: Int, inner: Int, factor: Float) throws(ExportError)
    -> String
  {
    let lengths = a.shape.axes
    let place = lengths.indices.first {
      lengths[$0] == axis && lengths[..<$0].reduce(1, *) == outer && lengths[($0 + 1)...].reduce(1, *) == inner
    }
    guard let place, a.shape.rank > 1 else {
      throw NetworkTrace.unsupported("operation \(index) is a sum over all rows of a batch")
    }
    let sum = builder.node("ReduceSum", name(a), builder.ints([Int64(place)]), with: [.int("keepdims", 0)])
    return factor == 1 ? sum : builder.node("Mul", sum, builder.float(factor))
  }

  /// `a Φ(a)`, Φ by the error function.
  mutating func gelu(_ a: Variable) -> String {
    let erf = builder.node("Erf", builder.node("Mul", name(a), builder.float(Float(0.5).squareRoot())))
    let distribution = builder.node("Mul", builder.node("Add", erf, builder.float(1)), builder.float(0.5))
    return builder.node("Mul", name(a), distribution)
  }

  mutating func batchNorm(_ record: BatchNormRecord) -> String {
    let columns = record.mean.count
    let centred = builder.node("Sub", name(record.a), builder.floats(record.mean.values, [columns]))
    let normal = builder.node("Mul", centred, builder.floats(record.inverse.values, [columns]))
    return builder.node("Add", builder.node("Mul", normal, name(record.gamma)), name(record.beta))
  }

  mutating func cross(_ record: CrossRecord) -> String {
    let u = builder.node(
      "Gemm", name(record.input), name(record.weight), name(record.bias), with: [.int("transB", 1)])
    let crossed = builder.node("Mul", name(record.x0), u)
    return record.skip.map { builder.node("Add", crossed, name($0)) } ?? crossed
  }

  /// `((Σ e)² - Σ e²) / 2`
  mutating func pairProducts(_ e: Variable) -> String {
    let fields = builder.ints([1])
    let sum = builder.node("ReduceSum", name(e), fields, with: [.int("keepdims", 0)])
    let squares = builder.node("Mul", name(e), name(e))
    let sumOfSquares = builder.node("ReduceSum", squares, fields, with: [.int("keepdims", 0)])
    let difference = builder.node("Sub", builder.node("Mul", sum, sum), sumOfSquares)
    return builder.node("Mul", difference, builder.float(0.5))
  }

  /// All inner products, of which those below the diagonal are taken, row by row.
  mutating func pairDots(_ e: Variable) -> String {
    let fields = e.shape[1]
    let turned = builder.node("Transpose", name(e), with: [.ints("perm", [0, 2, 1])])
    let all = builder.reshape(builder.node("MatMul", name(e), turned), [-1, Int64(fields * fields)])
    let pairs = (0..<fields).flatMap { i in (0..<i).map { Int64(i * fields + $0) } }
    return builder.node("Gather", all, builder.ints(pairs), with: [.int("axis", 1)])
  }
}
