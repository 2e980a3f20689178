import LoamKernels
import OneDNN

/// Products of matrices whose rows repeat vectors.
///
/// Rows of ID fields are vectors picked from a short list, so the first linear layer of a model multiplies the same
/// numbers over and over. Where the list is short, each vector is multiplied once, and rows add what theirs came to:
///
/// ```
/// x [rows, fields · width]            x Wᵀ = Σ_fields (vectors W_fieldᵀ)[place]
///   a d f                             dvectors = (Σ_rows that pick it dy) W_field
///   a e f      vectors a … f          dW_field = (Σ_rows that pick it dy)ᵀ vectors
///   b d f
/// ```
/// The sums have another order than those over whole rows, and are as exact.
extension Tape {
  /// Vectors of fields by their places: `vectors` `[picks.count, width]` to `[rows, fields, width]`.
  package func pick(_ vectors: Variable, _ picks: FieldPicks) -> Variable {
    precondition(vectors.shape.rank == 2, "pick: vectors \(vectors.shape.named("vectors", "width"))")
    var matrix = picks.matrix(value(of: vectors))
    return record(.pick(vectors: vectors, picks: picks), Shape(picks.rows, picks.fields, matrix.width), from: vectors) {
      loam_picked_gather($0, &matrix)
    }
  }

  /// An operand of a product that was put together from picked vectors, and other columns behind them.
  struct PickedMatrix {
    var vectors: Variable
    /// Places in `operands` of what the other columns come from.
    var tail: Range<Int>
    var matrix: loam_picked
  }

  /// How `x` was put together, where multiplying its vectors is cheaper than multiplying its rows.
  ///
  /// - Parameter weight: of the product, `[outputs, columns]`.
  func picked(_ x: Variable, weight: Variable) -> PickedMatrix? {
    guard precision == .f32, weight.shape[0] >= Self.pickedOutputsMin, wantsGradient(weight), x.shape.rank == 2
    else { return nil }
    let whole = beforeReshapes(x)
    var (first, tail) = (whole, 0..<0)
    if case .concat(let parts) = nodes[whole.index].operation, whole.shape == x.shape {
      (first, tail) = (operands[parts.lowerBound], parts.dropFirst())
      guard first.shape.rank == 2 else { return nil }
    }
    guard case .pick(let vectors, let picks) = nodes[beforeReshapes(first).index].operation else { return nil }
    let (width, columns) = (vectors.shape.columns, picks.fields * vectors.shape.columns)
    guard x.shape[0] == picks.rows, (tail.isEmpty ? x : first).shape[1] == columns, width % 8 == 0,
      // tools/bench gemm: at a share of 0.65 it gains a little, at 0.80 it loses.
      picks.count * 3 <= picks.rows * picks.fields * 2
    else { return nil }
    var matrix = picks.matrix(value(of: vectors))
    matrix.tail = UnsafePointer(pointer(x) + columns)
    (matrix.tail_width, matrix.tail_row) = (x.shape[1] - columns, x.shape[1])
    return PickedMatrix(vectors: vectors, tail: tail, matrix: matrix)
  }

  private func beforeReshapes(_ x: Variable) -> Variable {
    var x = x
    while case .reshape(let a) = nodes[x.index].operation { x = a }
    return x
  }

  /// Fewer do not fill the vectors that products are made in.
  private static let pickedOutputsMin = 32

  /// `y = relu?(x weightᵀ + bias)`.
  func multiply(
    _ x: PickedMatrix, weight: Variable, bias: UnsafePointer<Float>?, into y: UnsafeMutablePointer<Float>, relu: Bool
  ) {
    var matrix = x.matrix
    let room = arena.tensor(Shape(loam_picked_room(&matrix)))
    loam_picked_multiply(y, &matrix, pointer(weight), bias, weight.shape[0], relu, room.pointer)
    arena.release(room)
  }

  /// From the gradient of `x weightᵀ` those of the vectors, of the other columns and of the weight.
  func flow(_ dy: UnsafePointer<Float>, toPicked x: PickedMatrix, weight: Variable) {
    var matrix = x.matrix
    let room = arena.tensor(Shape(loam_picked_room(&matrix)))
    let propagate = { (dvectors: UnsafeMutablePointer<Float>?, addVectors: Bool) in
      self.flow(weight) { dweight, addWeight in
        loam_picked_gradients(
          dvectors, addVectors, dweight, addWeight, dy, &matrix, self.pointer(weight), weight.shape[0], room.pointer)
      }
    }
    if wantsGradient(x.vectors) { flow(x.vectors) { propagate($0, $1) } } else { propagate(nil, false) }
    arena.release(room)
    var column = matrix.fields * matrix.width
    for part in operands[x.tail] {
      flow(part) { multiply(dy, rows: matrix.rows, columns: column..<column + part.shape.columns, of: weight, $0, $1) }
      column += part.shape.columns
    }
  }

  /// `dy` `[rows, outputs]` by some columns of a weight.
  private func multiply(
    _ dy: UnsafePointer<Float>, rows: Int, columns: Range<Int>, of weight: Variable,
    _ dx: UnsafeMutablePointer<Float>, _ adding: Bool
  ) {
    let (outputs, inner) = (weight.shape[0], weight.shape[1])
    let chosen = arena.tensor(Shape(outputs, columns.count))
    loam_f32_copy_rows(
      chosen.pointer, columns.count, pointer(weight) + columns.lowerBound, inner, outputs, columns.count, false)
    multiply(
      Matrix(dy, rows: rows, columns: outputs), Matrix(chosen.pointer, rows: outputs, columns: columns.count),
      into: dx, accumulating: adding)
    arena.release(chosen)
  }
}
