import LoamKernels

/// Activations and the layers whose mathematics is one operation.
extension Tape {
  public func relu(_ a: Variable) -> Variable {
    record(.relu(a: a), a.shape, from: a) { loam_f32_relu($0, pointer(a), a.shape.count) }
  }

  public func sigmoid(_ a: Variable) -> Variable {
    record(.sigmoid(a: a), a.shape, from: a) { loam_f32_sigmoid($0, pointer(a), a.shape.count) }
  }

  public func tanh(_ a: Variable) -> Variable {
    record(.tanh(a: a), a.shape, from: a) { loam_f32_tanh($0, pointer(a), a.shape.count) }
  }

  public func square(_ a: Variable) -> Variable {
    record(.square(a: a), a.shape, from: a) { loam_f32_product($0, pointer(a), pointer(a), 1, a.shape.count, false) }
  }

  /// Sets elements to zero with `probability` and scales the others so that the expectation stays.
  ///
  /// `a` `[batch, ...]`. An element's fate depends on the key and on its row and column in the batch alone.
  public func dropout(_ a: Variable, probability: Float, key: DropoutKey) -> Variable {
    precondition(probability >= 0 && probability < 1, "dropout: probability \(probability) is not in [0, 1)")
    if probability == 0 { return a }
    return record(.dropout(a: a, probability: probability, key: key), a.shape, from: a) {
      loam_f32_dropout(
        $0, pointer(a), probability, key.bits, UInt64(lane.firstRow), a.shape[0], a.shape.count / a.shape[0], false)
    }
  }

  /// Pairwise products of a factorization machine: `((Σ e)² - Σ e²) / 2` over the fields.
  ///
  /// Shapes: `e` `[batch, fields, dimension]`; result `[batch, dimension]`, whose sum over the last axis is
  /// `Σ_{i<j} <e_i, e_j>`. Source: Rendle, "Factorization Machines" (ICDM 2010), lemma 3.1.
  public func pairProducts(_ e: Variable) -> Variable {
    precondition(e.shape.rank == 3, "pairProducts: e \(e.shape.named("batch", "fields", "dimension"))")
    let (batch, fields, dimension) = (e.shape[0], e.shape[1], e.shape[2])
    return record(.pairProducts(e: e), Shape(batch, dimension), from: e) {
      loam_f32_pair_products($0, pointer(e), batch, fields, dimension)
    }
  }
}
