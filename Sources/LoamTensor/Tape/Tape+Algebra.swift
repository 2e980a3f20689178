import LoamKernels
import OneDNN

/// Products and element-wise arithmetic.
extension Tape {
  /// `relu?(x · weightᵀ + bias)`, as in torch.nn.Linear.
  ///
  /// Shapes: `x` `[..., inner]`, `weight` `[outputs, inner]`, `bias` `[outputs]`; result `[..., outputs]`.
  public func linear(_ x: Variable, weight: Variable, bias: Variable? = nil, relu: Bool = false) -> Variable {
    precondition(
      weight.shape.rank == 2 && x.shape.columns == weight.shape[1],
      "linear: x \(x.shape) does not end in the inner axis of weight \(weight.shape.named("outputs", "inner"))")
    let (rows, inner, outputs) = (x.shape.rows, weight.shape[1], weight.shape[0])
    if let bias {
      precondition(
        bias.shape == Shape(outputs),
        "linear: bias \(bias.shape.named("outputs")) with weight \(weight.shape.named("outputs", "inner"))")
    }
    let operation = Operation.linear(x: x, weight: weight, bias: bias, relu: relu)
    return record(operation, x.shape.replacingColumns(outputs), from: x, weight, bias ?? weight) { y in
      let bias = bias.map { UnsafePointer(pointer($0)) }
      if let picked = picked(x, weight: weight) {
        return multiply(picked, weight: weight, bias: bias, into: y, relu: relu)
      }
      multiply(
        Matrix(pointer(x), rows: rows, columns: inner),
        Matrix(pointer(weight), rows: inner, columns: outputs, transposed: true), bias: bias, into: y, relu: relu)
    }
  }

  /// `a · b`: `[rows, inner]` by `[inner, columns]`.
  public func matmul(_ a: Variable, _ b: Variable) -> Variable {
    precondition(
      a.shape.rank == 2 && b.shape.rank == 2 && a.shape[1] == b.shape[0],
      "matmul: a \(a.shape.named("rows", "inner")), b \(b.shape.named("inner", "columns"))")
    let (rows, inner, columns) = (a.shape[0], a.shape[1], b.shape[1])
    return record(.matmul(a: a, b: b), Shape(rows, columns), from: a, b) { y in
      multiply(
        Matrix(pointer(a), rows: rows, columns: inner), Matrix(pointer(b), rows: inner, columns: columns), into: y)
    }
  }

  public func add(_ a: Variable, _ b: Variable) -> Variable {
    requireEqual("add", a, b)
    return record(.add(a: a, b: b), a.shape, from: a, b) {
      loam_f32_sum($0, pointer(a), pointer(b), a.shape.count, false)
    }
  }

  public func subtract(_ a: Variable, _ b: Variable) -> Variable {
    requireEqual("subtract", a, b)
    return record(.subtract(a: a, b: b), a.shape, from: a, b) {
      loam_f32_difference($0, pointer(a), pointer(b), a.shape.count, false)
    }
  }

  public func multiply(_ a: Variable, _ b: Variable) -> Variable {
    requireEqual("multiply", a, b)
    return record(.multiply(a: a, b: b), a.shape, from: a, b) {
      loam_f32_product($0, pointer(a), pointer(b), 1, a.shape.count, false)
    }
  }

  public func scale(_ a: Variable, by factor: Float) -> Variable {
    record(.scale(a: a, factor: factor), a.shape, from: a) {
      loam_f32_scale($0, pointer(a), factor, a.shape.count, false)
    }
  }

  /// Adds `row` `[columns]` to each row of `a` `[..., columns]`.
  public func add(_ a: Variable, row: Variable) -> Variable {
    precondition(
      row.shape == Shape(a.shape.columns), "add: row \(row.shape.named("columns")) to a \(a.shape), [..., columns]")
    return record(.addRow(a: a, row: row), a.shape, from: a, row) {
      loam_f32_add_row($0, pointer(a), pointer(row), a.shape.rows, a.shape.columns)
    }
  }

  /// Adds number `r` of `column` to row `r` of `a` `[rows..., columns]`.
  public func add(_ a: Variable, column: Variable) -> Variable {
    requireColumn("add", a, column)
    return record(.addColumn(a: a, column: column), a.shape, from: a, column) {
      loam_f32_add_column($0, pointer(a), pointer(column), a.shape.rows, a.shape.columns)
    }
  }

  /// Multiplies row `r` of `a` `[rows..., columns]` by number `r` of `column`.
  public func scaleRows(_ a: Variable, by column: Variable) -> Variable {
    requireColumn("scaleRows", a, column)
    return record(.scaleRows(a: a, column: column), a.shape, from: a, column) {
      loam_f32_scale_rows($0, pointer(a), pointer(column), a.shape.rows, a.shape.columns, false)
    }
  }

  private func requireEqual(_ operation: String, _ a: Variable, _ b: Variable) {
    precondition(a.shape == b.shape, "\(operation): a is \(a.shape), b is \(b.shape)")
  }

  private func requireColumn(_ operation: String, _ a: Variable, _ column: Variable) {
    precondition(
      column.shape.count == a.shape.rows,
      "\(operation): column \(column.shape) has \(column.shape.count) numbers for the \(a.shape.rows) rows of \(a.shape)"
    )
  }
}
