import LoamKernels
import OneDNN

/// Operations that layers cross features with.
extension Tape {
  /// `x0 ⊙ (input · weightᵀ + bias) + skip`: the cross layer of DCN-v2, where `input` and `skip` are the layer before.
  ///
  /// Shapes: `x0` and `skip` `[batch, columns]`, `input` `[batch, inner]`, `weight` `[columns, inner]`, `bias`
  /// `[columns]`; result `[batch, columns]`. Forward is a product and one pass; backward one pass, two products.
  /// Source: Wang et al., arXiv 2008.13535, eq. 1.
  public func cross(x0: Variable, input: Variable, weight: Variable, bias: Variable, skip: Variable?) -> Variable {
    precondition(
      x0.shape.rank == 2 && input.shape.rank == 2 && weight.shape == Shape(x0.shape[1], input.shape[1])
        && bias.shape == Shape(x0.shape[1]) && (skip?.shape ?? x0.shape) == x0.shape && input.shape[0] == x0.shape[0],
      "cross: x0 \(x0.shape), input \(input.shape), weight \(weight.shape), bias \(bias.shape)")
    let (rows, inner, columns) = (x0.shape[0], input.shape[1], x0.shape[1])
    let u = arena.tensor(x0.shape)
    if let picked = picked(input, weight: weight) {
      multiply(picked, weight: weight, bias: pointer(bias), into: u.pointer, relu: false)
    } else {
      multiply(
        Matrix(pointer(input), rows: rows, columns: inner),
        Matrix(pointer(weight), rows: inner, columns: columns, transposed: true), bias: pointer(bias), into: u.pointer)
    }
    let crossing = CrossRecord(x0: x0, input: input, weight: weight, bias: bias, skip: skip, u: u)
    return record(.cross(crossing), x0.shape, from: x0, input, weight, bias) {
      loam_f32_cross($0, pointer(x0), u.pointer, skip.map { UnsafePointer(pointer($0)) }, x0.shape.count)
    }
  }

  /// Inner products of all pairs of fields, (1, 0), (2, 0), (2, 1), ...
  ///
  /// Shapes: `e` `[batch, fields, dimension]`; result `[batch, fields (fields - 1) / 2]`.
  public func pairDots(_ e: Variable) -> Variable {
    precondition(e.shape.rank == 3 && e.shape[1] > 1, "pairDots: e \(e.shape.named("batch", "fields", "dimension"))")
    let (batch, fields, dimension) = (e.shape[0], e.shape[1], e.shape[2])
    return record(.pairDots(e: e), Shape(batch, fields * (fields - 1) / 2), from: e) {
      loam_f32_pair_dots($0, pointer(e), batch, fields, dimension)
    }
  }

  /// Fields by their places, any number of times: `[batch, fields, dimension]` to `[batch, indices, dimension]`.
  public func take(_ a: Variable, _ indices: [Int32]) -> Variable {
    precondition(
      a.shape.rank == 3 && !indices.isEmpty && indices.allSatisfy { $0 >= 0 && $0 < a.shape[1] },
      "take: \(indices.count) places of a \(a.shape.named("batch", "fields", "dimension"))")
    return record(.take(a: a, indices: indices), Shape(a.shape[0], indices.count, a.shape[2]), from: a) {
      loam_f32_take($0, pointer(a), indices, a.shape[0], a.shape[1], indices.count, a.shape[2])
    }
  }

  /// Rows by their numbers: `a` `[rows, columns]`, `indices` any shape of whole numbers; result `[..., columns]`. A
  /// negative number is a row of zeros.
  public func pickRows(_ a: Variable, _ indices: Tensor) -> Variable {
    precondition(
      a.shape.rank == 2 && indices.shape.rank < 4 && indices.buffer.allSatisfy { $0 < Float(a.shape[0]) },
      "pickRows: numbers \(indices.shape) of the rows of a \(a.shape)")
    let shape = Shape(indices.shape.axes + [a.shape[1]])
    return record(.pickRows(a: a, indices: indices), shape, from: a) {
      loam_f32_pick_rows($0, pointer(a), indices.pointer, indices.count, a.shape[1])
    }
  }

  /// `[batch, rows, columns]` to `[batch, columns, rows]`.
  public func transpose(_ a: Variable) -> Variable {
    precondition(a.shape.rank == 3, "transpose: a \(a.shape.named("batch", "rows", "columns"))")
    return record(.transpose(a: a), Shape(a.shape[0], a.shape[2], a.shape[1]), from: a) {
      loam_f32_transpose($0, pointer(a), a.shape[0], a.shape[1], a.shape[2], false)
    }
  }

  /// Repeats along a new axis 1: `[batch, columns]` to `[batch, count, columns]`.
  public func spread(_ a: Variable, count: Int) -> Variable {
    precondition(a.shape.rank == 2 && count > 0, "spread: a \(a.shape.named("batch", "columns")) \(count) times")
    return record(.spread(a: a), Shape(a.shape[0], count, a.shape[1]), from: a) {
      loam_f32_spread_axis($0, pointer(a), 1, a.shape[0], count, a.shape[1], false)
    }
  }

  /// Multiplies column `c` of `a` `[..., columns]` by number `c` of `row` `[columns]`.
  public func scaleColumns(_ a: Variable, by row: Variable) -> Variable {
    precondition(row.shape == Shape(a.shape.columns), "scaleColumns: row \(row.shape), a \(a.shape), [..., columns]")
    return record(.scaleColumns(a: a, row: row), a.shape, from: a, row) {
      loam_f32_scale_columns($0, pointer(a), pointer(row), a.shape.rows, a.shape.columns, false)
    }
  }

  /// The largest of each column over the steps where `mask` `[batch, steps]` is not 0; 0 where there is none.
  ///
  /// Shapes: `a` `[batch, steps, columns]`; result `[batch, columns]`.
  public func largestStep(_ a: Variable, mask: Tensor) -> Variable {
    precondition(
      a.shape.rank == 3 && mask.shape == Shape(a.shape[0], a.shape[1]),
      "largestStep: a \(a.shape.named("batch", "steps", "columns")), mask \(mask.shape)")
    let places = arena.tensor(Shape(a.shape[0], a.shape[2]))
    return record(.largestStep(a: a, mask: mask, places: places), places.shape, from: a) {
      loam_f32_largest_step($0, places.pointer, pointer(a), mask.pointer, a.shape[0], a.shape[1], a.shape[2])
    }
  }

  /// `x Φ(x)` with the normal distribution function. Source: Hendrycks and Gimpel, arXiv 1606.08415.
  public func gelu(_ a: Variable) -> Variable {
    record(.gelu(a: a), a.shape, from: a) { loam_f32_gelu($0, pointer(a), a.shape.count) }
  }

  /// `x sigmoid(x)`, also called swish.
  public func silu(_ a: Variable) -> Variable {
    record(.silu(a: a), a.shape, from: a) { loam_f32_silu($0, pointer(a), a.shape.count) }
  }
}

package struct CrossRecord {
  package var x0, input, weight, bias: Variable
  package var skip: Variable?
  /// `input · weightᵀ + bias`
  var u: Tensor
}
