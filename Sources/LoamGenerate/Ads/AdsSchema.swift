/// The schema of the generated log; `schemas/ads.yaml` holds the same text.
public enum AdsSchema {
  public static let yaml = """
    # yaml-language-server: $schema=./loam-schema.json
    # The log of `loam generate ads`: impressions with a click and a rare, delayed conversion.
    schema: 1
    name: ads
    format: csv
    event_time: {column: time_ms, unit: milliseconds}
    labels:
      - click
      # Empty without conversion.
      - {name: conversion, available_at: {column: conversion_time_ms, unit: milliseconds}}
    dense:
      - {each: [price, account_days], transforms: [log1p, standardise]}
    ids:
      - {each: [user, item], kind: integer}
      - advertiser
      - campaign
      - slot
      - device
      - {each: [hour, position], kind: integer}
      # The items that the user clicked last, oldest first.
      - {name: history, kind: integer, shape: sequence, space: item, maximum_length: 10}
    timelines:
      - {name: user, entity: user, when: {click: 1}, fields: [item, price]}

    """
}
