import LoamKernels
import OneDNN

extension Tape {
  /// With u = input Wᵀ + b and du = dy x0: dx0 = dy u, dskip = dy, dinput = du W, dW = duᵀ input, db = Σ_rows du.
  ///
  /// `dy`'s memory becomes the gradient of `skip`, which the product of `input` is added to where they are one.
  func propagate(_ dy: Tensor, throughCross cross: CrossRecord) {
    let (rows, columns, inner) = (dy.shape[0], dy.shape[1], cross.input.shape[1])
    let du = arena.tensor(dy.shape), sums = arena.tensor(Shape(columns))
    let pass = { (dx0: UnsafeMutablePointer<Float>?, add: Bool) in
      loam_f32_cross_gradient(
        du.pointer, sums.pointer, dx0, dy.pointer, self.pointer(cross.x0), cross.u.pointer, rows, columns, add)
    }
    if wantsGradient(cross.x0) { flow(cross.x0) { pass($0, $1) } } else { pass(nil, false) }
    flow(cross.bias) { loam_f32_scale($0, sums.pointer, 1, columns, $1) }
    let picked = picked(cross.input, weight: cross.weight)
    if let picked {
      flow(du.pointer, toPicked: picked, weight: cross.weight)
    } else {
      flow(cross.weight) {
        multiply(
          Matrix(du.pointer, rows: columns, columns: rows, transposed: true),
          Matrix(pointer(cross.input), rows: rows, columns: inner), into: $0, accumulating: $1)
      }
    }
    if let skip = cross.skip { self.pass(dy, to: skip) }
    if picked == nil {
      flow(cross.input) {
        multiply(
          Matrix(du.pointer, rows: rows, columns: columns),
          Matrix(pointer(cross.weight), rows: columns, columns: inner), into: $0, accumulating: $1)
      }
    }
    arena.release(du)
    arena.release(sums)
  }
}
