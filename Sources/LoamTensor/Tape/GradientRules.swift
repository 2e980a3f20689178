import LoamKernels
import OneDNN

/// The gradient rules, one a case: `y` is the operation's value, `dy` the loss's gradient with respect to it, and each
/// line says what flows to an operand. `$0` is where the operand's gradient goes, `$1` whether to add to what is there.
/// A rule may overwrite `dy` in its last line (`reusing: dy`).
extension Tape {
  func propagate(_ dy: Tensor, of y: Tensor, through operation: Operation) {
    let (n, g, out) = (y.count, dy.pointer, y.pointer)
    switch operation {
    case .input, .parameter: break

    // dx = dz W, dW = dzᵀ x, db = Σ_rows dz, where dz = dy, masked by y > 0 under relu
    case .linear(let x, let weight, let bias, let relu):
      let (rows, inner, outputs) = (x.shape.rows, weight.shape[1], weight.shape[0])
      if relu { loam_f32_relu_gradient(g, g, out, n, false) }
      if let picked = picked(x, weight: weight) {
        flow(g, toPicked: picked, weight: weight)
      } else {
        flow(x) { multiply(g, (rows, outputs), pointer(weight), (outputs, inner), $0, $1) }
        flow(weight) { multiply(g, (outputs, rows), transposed: true, pointer(x), (rows, inner), $0, $1) }
      }
      if let bias { flow(bias) { loam_f32_sum_axis($0, g, 1, 1, rows, outputs, $1) } }

    // da = dy bᵀ, db = aᵀ dy
    case .matmul(let a, let b):
      let (rows, inner, columns) = (a.shape[0], a.shape[1], b.shape[1])
      flow(a) {
        multiply(
          Matrix(g, rows: rows, columns: columns),
          Matrix(pointer(b), rows: columns, columns: inner, transposed: true), into: $0, accumulating: $1)
      }
      flow(b) { multiply(pointer(a), (inner, rows), transposed: true, g, (rows, columns), $0, $1) }

    // da = dy, db = dy
    case .add(let a, let b):
      flow(a) { loam_f32_scale($0, g, 1, n, $1) }
      pass(dy, to: b)

    // da = dy, drow = Σ_rows dy
    case .addRow(let a, let row):
      flow(row) { loam_f32_sum_axis($0, g, 1, 1, y.shape.rows, y.shape.columns, $1) }
      pass(dy, to: a)

    // da = dy, dcolumn = Σ_columns dy
    case .addColumn(let a, let column):
      flow(column) { loam_f32_sum_axis($0, g, 1, y.shape.rows, y.shape.columns, 1, $1) }
      pass(dy, to: a)

    // da = dy, db = -dy
    case .subtract(let a, let b):
      flow(a) { loam_f32_scale($0, g, 1, n, $1) }
      flow(b, reusing: dy) { loam_f32_scale($0, g, -1, n, $1) }

    // da = dy b, db = dy a
    case .multiply(let a, let b):
      flow(a) { loam_f32_product($0, g, pointer(b), 1, n, $1) }
      flow(b, reusing: dy) { loam_f32_product($0, g, pointer(a), 1, n, $1) }

    // da[r] = dy[r] column[r], dcolumn[r] = <dy[r], a[r]>
    case .scaleRows(let a, let column):
      let (rows, columns) = (y.shape.rows, y.shape.columns)
      flow(column) { loam_f32_row_dots($0, g, pointer(a), rows, columns, $1) }
      flow(a, reusing: dy) { loam_f32_scale_rows($0, g, pointer(column), rows, columns, $1) }

    // da = factor dy
    case .scale(let a, let factor):
      flow(a, reusing: dy) { loam_f32_scale($0, g, factor, n, $1) }

    // da[.., i, ..] = factor dy[.., ..]
    case .sum(let a, let outer, let axis, let inner, let factor):
      flow(a) { loam_f32_spread_axis($0, g, factor, outer, axis, inner, $1) }

    // each part has its columns of dy
    case .concat(let range):
      var begin = 0
      for part in operands[range] {
        let width = part.shape.columns
        flow(part) { loam_f32_copy_rows($0, width, g + begin, y.shape.columns, y.shape.rows, width, $1) }
        begin += width
      }

    // da[columns] = dy, zero elsewhere
    case .slice(let a, let columns):
      flow(a) {
        if !$1 { $0.update(repeating: 0, count: a.shape.count) }
        loam_f32_copy_rows(
          $0 + columns.lowerBound, a.shape.columns, g, columns.count, y.shape.rows, columns.count, true)
      }

    // da = dy
    case .reshape(let a):
      pass(dy, to: a)

    // da[row] = dy[bag of the row]
    case .poolRagged(let a, let offsets):
      flow(a) { loam_f32_pool_gradient($0, g, offsets, offsets.count - 1, y.shape.columns, $1) }

    // da = dy [y > 0]
    case .relu(let a):
      flow(a, reusing: dy) { loam_f32_relu_gradient($0, g, out, n, $1) }

    // da = dy y (1 - y)
    case .sigmoid(let a):
      flow(a, reusing: dy) { loam_f32_sigmoid_gradient($0, g, out, n, $1) }

    // da = dy (1 - y²)
    case .tanh(let a):
      flow(a, reusing: dy) { loam_f32_tanh_gradient($0, g, out, n, $1) }

    // da = 2 dy a
    case .square(let a):
      flow(a, reusing: dy) { loam_f32_product($0, g, pointer(a), 2, n, $1) }

    // da = dy / (1 - probability) where kept, else 0
    case .dropout(let a, let probability, let key):
      let rows = y.shape[0]
      flow(a, reusing: dy) {
        loam_f32_dropout($0, g, probability, key.bits, UInt64(lane.firstRow), rows, n / rows, $1)
      }

    case .batchNorm(let record):
      propagate(dy, throughBatchNorm: record)

    // de[f] = dy (Σ e - e[f])
    case .pairProducts(let e):
      flow(e) { loam_f32_pair_products_gradient($0, g, pointer(e), e.shape[0], e.shape[1], e.shape[2], $1) }

    case .batchedProduct(let a, let b, let kind):
      propagate(dy, throughProduct: kind, a, b)

    case .attention(let record):
      propagate(dy, throughAttention: record)

    // da = factor y (dy - Σ_columns dy y)
    case .softmax(let a, let factor, _, _):
      flow(a, reusing: dy) { loam_f32_softmax_gradient($0, g, out, factor, y.shape.rows, y.shape.columns, $1) }

    case .layerNorm(let a, let gamma, let beta, _, let mean, let inverse):
      propagate(dy, throughLayerNorm: a, gamma: gamma, beta: beta, mean: mean, inverse: inverse)

    case .cross(let record):
      propagate(dy, throughCross: record)

    // de[i] = Σ_j dy[i, j] e[j]
    case .pairDots(let e):
      flow(e) { loam_f32_pair_dots_gradient($0, g, pointer(e), e.shape[0], e.shape[1], e.shape[2], $1) }

    // da[f] = Σ of dy at the places that took f
    case .take(let a, let indices):
      flow(a) {
        loam_f32_take_gradient($0, g, indices, a.shape[0], a.shape[1], indices.count, a.shape[2], $1)
      }

    // da[r] = Σ of dy at the places that picked r
    case .pickRows(let a, let indices):
      flow(a) {
        if !$1 { $0.update(repeating: 0, count: a.shape.count) }
        loam_f32_pick_rows_gradient($0, g, indices.pointer, indices.count, a.shape[1])
      }

    // dvectors[u] = Σ of dy at the rows and fields that picked u
    case .pick(let vectors, let picks):
      var matrix = picks.matrix(value(of: vectors))
      flow(vectors) { loam_picked_gather_gradient($0, g, &matrix, $1) }

    // da = dyᵀ
    case .transpose(let a):
      flow(a) { loam_f32_transpose($0, g, y.shape[0], y.shape[1], y.shape[2], $1) }

    // da = Σ_count dy
    case .spread(let a):
      flow(a) { loam_f32_sum_axis($0, g, 1, y.shape[0], y.shape[1], y.shape[2], $1) }

    // da = dy row, drow = Σ_rows dy a
    case .scaleColumns(let a, let row):
      flow(row) { loam_f32_column_dots($0, g, pointer(a), y.shape.rows, y.shape.columns, $1) }
      flow(a, reusing: dy) { loam_f32_scale_columns($0, g, pointer(row), y.shape.rows, y.shape.columns, $1) }

    // da[largest step] = dy, zero elsewhere
    case .largestStep(let a, _, let places):
      flow(a) {
        if !$1 { $0.update(repeating: 0, count: a.shape.count) }
        loam_f32_largest_step_gradient($0, g, places.pointer, a.shape[0], a.shape[1], a.shape[2])
      }

    // dshares[label] = -dy / (count shares[label]), zero elsewhere
    case .logLikelihood(let shares, let labels, let count):
      flow(shares) {
        if !$1 { $0.update(repeating: 0, count: shares.shape.count) }
        for (row, label) in labels.buffer.enumerated() where !label.isNaN {
          let at = row * shares.shape.columns + Int(label)
          $0[at] -= g[0] / (count * max(pointer(shares)[at], Tape.shareMin))
        }
      }

    // da = dy (Φ(a) + a φ(a))
    case .gelu(let a):
      flow(a, reusing: dy) { loam_f32_gelu_gradient($0, g, pointer(a), n, $1) }

    // da = dy s (1 + a (1 - s)), s = sigmoid(a)
    case .silu(let a):
      flow(a, reusing: dy) { loam_f32_silu_gradient($0, g, pointer(a), n, $1) }

    // dx = dy weight (sigmoid(x) - label) / count
    case .crossEntropy(let x, let labels, let weights, let count):
      flow(x) {
        loam_f32_cross_entropy_gradient(
          $0, pointer(x), labels.pointer, weights?.pointer, g[0] / count, x.shape.count, $1)
      }

    // dx = 2 dy weight (x - label) / count
    case .squareError(let x, let labels, let weights, let count):
      flow(x) {
        loam_f32_square_error_gradient(
          $0, pointer(x), labels.pointer, weights?.pointer, g[0] / count, x.shape.count, $1)
      }

    // dx = dy weight (softmax(x) - onehot(label)) / count
    case .softmaxCrossEntropy(let x, let labels, let weights, let count):
      flow(x) {
        loam_f32_softmax_cross_entropy_gradient(
          $0, pointer(x), labels.pointer, weights?.pointer, g[0] / count, x.shape.rows, x.shape.columns, $1)
      }

    // da = dy a
    case .l2(let a):
      flow(a) { loam_f32_scale($0, pointer(a), g[0], a.shape.count, $1) }
    }
  }

  /// The gradient passes unchanged: the operand takes the memory over, or adds it to what it has.
  func pass(_ dy: Tensor, to operand: Variable) {
    flow(operand, reusing: dy) { if $1 { loam_f32_scale($0, dy.pointer, 1, dy.count, true) } }
  }

  private func multiply(
    _ a: UnsafePointer<Float>, _ aShape: (Int, Int), transposed: Bool = false, _ b: UnsafePointer<Float>,
    _ bShape: (Int, Int), _ c: UnsafeMutablePointer<Float>, _ adding: Bool
  ) {
    multiply(
      Matrix(a, rows: aShape.0, columns: aShape.1, transposed: transposed),
      Matrix(b, rows: bShape.0, columns: bShape.1), into: c, accumulating: adding)
  }
}
