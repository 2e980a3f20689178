import LoamTensor
import Testing

@Suite struct OptimizerTests {
  static func parameter() -> Parameter { Parameter("w", Tensor(Shape(2), [1, -2])) }

  static func setGradient(_ parameter: Parameter, _ values: [Float]) {
    parameter.gradient.copy(from: Tensor(parameter.gradient.shape, values))
  }

  /// By hand in f64, as the paper's algorithm 1 states it.
  @Test func `Adam takes the steps of the paper and zeroes the gradient`() {
    let parameter = Self.parameter(), adam = DenseAdam([parameter], .init(l2: 0.1))
    var (w, m, v) = ([1.0, -2.0], [0.0, 0.0], [0.0, 0.0])
    for step in 1...5 {
      let gradient: [Double] = [0.5 * Double(step), -0.25]
      Self.setGradient(parameter, gradient.map(Float.init))
      adam.step(rate: 0.1)
      for i in 0..<2 {
        let g = gradient[i] + 0.1 * w[i]
        m[i] = 0.9 * m[i] + 0.1 * g
        v[i] = 0.999 * v[i] + 0.001 * g * g
        var (power1, power2) = (1.0, 1.0)
        for _ in 0..<step { (power1, power2) = (power1 * 0.9, power2 * 0.999) }
        w[i] -= 0.1 * (m[i] / (1 - power1)) / ((v[i] / (1 - power2)).squareRoot() + 1e-8)
        #expect(abs(Double(parameter.value.values[i]) - w[i]) < 2e-6)
      }
      #expect(parameter.gradient.values == [0, 0])
    }
  }

  @Test func `a run that restores the state goes on as if it had not stopped`() {
    let parameter = Self.parameter(), adam = DenseAdam([parameter])
    for _ in 0..<3 {
      Self.setGradient(parameter, [0.5, -1])
      adam.step(rate: 0.01)
    }
    let copy = Parameter("w", Tensor(Shape(2), parameter.value.values)), resumed = DenseAdam([copy])
    resumed.stepCount = adam.stepCount
    #expect(adam.state.map(\.name) == ["adam.first/w", "adam.second/w"])
    for (from, to) in zip(adam.state, resumed.state) { to.tensor.copy(from: from.tensor) }
    for (parameter, optimizer) in [(parameter, adam), (copy, resumed)] {
      Self.setGradient(parameter, [0.25, 3])
      optimizer.step(rate: 0.01)
    }
    #expect(parameter.value.values == copy.value.values)
  }

  @Test func `gradient descent subtracts rate times gradient and decay`() {
    let parameter = Self.parameter(), sgd = DenseSGD([parameter], l2: 0.5)
    Self.setGradient(parameter, [1, 1])
    sgd.step(rate: 0.5)
    #expect(parameter.value.values == [0.25, -2])  // 1 - 0.5 (1 + 0.5 · 1), -2 - 0.5 (1 - 0.5 · 2)
  }

  @Test func `clipping scales a norm that is too large and leaves others`() {
    let a = Self.parameter(), b = Self.parameter()
    Self.setGradient(a, [3, 0])
    Self.setGradient(b, [0, 4])
    #expect(GradientClipping.clip([a, b], normMax: 10) == 5)
    #expect(a.gradient.values == [3, 0])
    #expect(GradientClipping.clip([a, b], normMax: 1) == 5)
    #expect(abs(a.gradient.values[0] - 0.6) < 1e-5 && abs(b.gradient.values[1] - 0.8) < 1e-5)
  }
}
