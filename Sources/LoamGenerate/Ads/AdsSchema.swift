/// The schema of the generated log; `schemas/ads.yaml` holds the same text.
public enum AdsSchema {
  public static let yaml = """
    # The log that `loam generate ads` writes: ad impressions, clicks, and conversions that arrive late.
    schema: 1
    name: ads
    format: csv
    event_time: {column: time_ms, unit: milliseconds}
    labels:
      - click
      # A conversion becomes known when it happens, hours after the click.
      - {name: conversion, available_at: {column: conversion_time_ms, unit: milliseconds}}
    dense:
      - {name: price, transforms: [log1p, standardise]}
      - {name: account_days, transforms: [log1p, standardise]}
    ids:
      - {each: [user, item], kind: integer}
      - {each: [advertiser, campaign, slot, device]}
      - {each: [hour, position], kind: integer}
      # What the user clicked last, oldest first: the same IDs as `item`.
      - {name: history, kind: integer, shape: sequence, space: item, separator: "|", maximum_length: 10}
    timelines:
      - {name: clicks, entity: user, when: {click: 1}, fields: [item, advertiser, price, conversion]}

    """
}
