import LoamKernels

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
  public func pick(_ vectors: Variable, _ picks: FieldPicks) -> Variable {
    precondition(vectors.shape.rank == 2, "pick: vectors \(vectors.shape.named("vectors", "width"))")
    var matrix = picks.matrix(value(of: vectors))
    return record(.pick(vectors: vectors, picks: picks), Shape(picks.rows, picks.fields, matrix.width), from: vectors) {
      loam_picked_gather($0, &matrix)
    }
  }

  /// How an operand of a product was put together, where multiplying its vectors is cheaper than multiplying its rows.
  struct PickedMatrix {
    var vectors: Variable
    var matrix: loam_picked
  }

  /// - Parameter outputs: columns of the product.
  func picked(_ x: Variable, outputs: Int) -> PickedMatrix? {
    guard precision == .f32, outputs >= Self.pickedOutputsMin else { return nil }
    switch nodes[x.index].operation {
    case .reshape(let a): return picked(a, as: x.shape, dense: nil)
    case .concat(let range) where range.count == 2:
      let (flat, dense) = (operands[range.lowerBound], operands[range.lowerBound + 1])
      guard case .reshape(let a) = nodes[flat.index].operation, !wantsGradient(dense) else { return nil }
      return picked(a, as: flat.shape, dense: value(of: dense))
    default: return nil
    }
  }

  private func picked(_ a: Variable, as shape: Shape, dense: Tensor?) -> PickedMatrix? {
    guard case .pick(let vectors, let picks) = nodes[a.index].operation, shape.rank == 2, shape[0] == picks.rows
    else { return nil }
    let width = vectors.shape.columns
    guard width % 8 == 0, picks.count * 4 <= picks.rows * picks.fields * 3 else { return nil }
    return PickedMatrix(vectors: vectors, matrix: picks.matrix(value(of: vectors), dense: dense))
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

  /// dvectors and dW of `x weightᵀ`.
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
  }
}
