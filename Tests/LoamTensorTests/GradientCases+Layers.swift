@testable import LoamTensor

/// The operations that layers of models are made of.
extension GradientTests {
  static let mask = Tensor(Shape(2, 5), [0, 1, 1, 0, 1, 0, 0, 0, 1, 1])
  static let picked = Tensor(Shape(2, 3), [1, 3, -1, 1, 0, 1])

  static let layerCases: [Case] = [
    Case(name: "batched product", shapes: [Shape(3, 4, 5), Shape(3, 5, 2)]) { $0.batchedMatmul($1[0], $1[1]) },
    Case(name: "batched product, a transposed", shapes: [Shape(3, 5, 4), Shape(3, 5, 2)]) {
      $0.batchedMatmul($1[0], $1[1], transposeA: true)
    },
    Case(name: "batched product, b transposed", shapes: [Shape(3, 4, 5), Shape(3, 2, 5)]) {
      $0.batchedMatmul($1[0], $1[1], transposeB: true)
    },
    Case(name: "batched product, both transposed", shapes: [Shape(3, 5, 4), Shape(3, 2, 5)]) {
      $0.batchedMatmul($1[0], $1[1], transposeA: true, transposeB: true)
    },
    Case(name: "one matrix by each", shapes: [Shape(5, 4), Shape(3, 4, 2)]) { $0.mix($1[1], weight: $1[0]) },
    Case(name: "grouped product", shapes: [Shape(6, 3, 4), Shape(3, 4, 2)]) { $0.groupedMatmul($1[0], $1[1]) },
    Case(name: "attention", shapes: [Shape(2, 3, 6), Shape(2, 5, 6), Shape(2, 5, 6)]) {
      $0.attention(queries: $1[0], keys: $1[1], values: $1[2], heads: 2)
    },
    Case(name: "attention with a mask", shapes: [Shape(2, 3, 6), Shape(2, 5, 6), Shape(2, 5, 6)]) {
      $0.attention(queries: $1[0], keys: $1[1], values: $1[2], heads: 3, scale: 0.7, mask: mask)
    },
    Case(name: "causal attention, mask, dropout", shapes: [Shape(2, 5, 4), Shape(2, 5, 4), Shape(2, 5, 4)]) {
      $0.attention(
        queries: $1[0], keys: $1[1], values: $1[2], heads: 1, mask: mask, causal: true, dropout: (0.3, key))
    },
    Case(name: "attention of one with itself", shapes: [Shape(2, 3, 4)]) {
      $0.attention(queries: $1[0], keys: $1[0], values: $1[0], heads: 2)
    },
    Case(name: "softmax", shapes: [Shape(5, 21)]) { $0.softmax($1[0], factor: 1.5) },
    Case(name: "layer norm", shapes: [Shape(2, 3, 5), Shape(5), Shape(5)]) {
      $0.layerNorm($1[0], gamma: $1[1], beta: $1[2])
    },
    Case(name: "layer norm of wide rows", shapes: [Shape(2, 37), Shape(37), Shape(37)]) {
      $0.layerNorm($1[0], gamma: $1[1], beta: $1[2])
    },
    Case(name: "cross", shapes: [Shape(5, 3), Shape(5, 4), Shape(3, 4), Shape(3), Shape(5, 3)]) {
      $0.cross(x0: $1[0], input: $1[1], weight: $1[2], bias: $1[3], skip: $1[4])
    },
    Case(name: "cross of one with itself", shapes: [Shape(70, 3), Shape(3, 3), Shape(3)]) {
      $0.cross(x0: $1[0], input: $1[0], weight: $1[1], bias: $1[2], skip: $1[0])
    },
    Case(name: "cross without skip", shapes: [Shape(5, 3), Shape(5, 4), Shape(3, 4), Shape(3)]) {
      $0.cross(x0: $1[0], input: $1[1], weight: $1[2], bias: $1[3], skip: nil)
    },
    Case(name: "pair dots", shapes: [Shape(3, 4, 5)]) { $0.pairDots($1[0]) },
    Case(name: "take", shapes: [Shape(2, 4, 3)]) { $0.take($1[0], [2, 0, 2, 3, 2]) },
    Case(name: "pick rows", shapes: [Shape(4, 3)]) { $0.pickRows($1[0], picked) },
    Case(name: "transpose", shapes: [Shape(2, 3, 4)]) { $0.transpose($1[0]) },
    Case(name: "spread", shapes: [Shape(3, 4)]) { $0.spread($1[0], count: 5) },
    Case(name: "scale columns", shapes: [Shape(2, 3, 4), Shape(4)]) { $0.scaleColumns($1[0], by: $1[1]) },
    Case(name: "largest step", shapes: [Shape(2, 5, 3)]) { $0.largestStep($1[0], mask: mask) },
    Case(name: "log likelihood of a softmax", shapes: [Shape(4, 3)]) {
      $0.logLikelihood($0.softmax($1[0]), labels: classes)
    },
    Case(name: "gelu", shapes: [Shape(5, 4)]) { $0.gelu($1[0]) },
    Case(name: "silu", shapes: [Shape(5, 4)]) { $0.silu($1[0]) },
  ]
}
