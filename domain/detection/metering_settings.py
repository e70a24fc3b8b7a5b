"""Every number that the detector of dense metering is tuned by, for the fingerprint of the fold."""

from domain.detection import anomaly, metered_watch, metering


def metering_settings() -> tuple[object, ...]:
    """Return the settings in a fixed order."""
    return (
        metering.FLOOR,
        metering.MEAN_RATE,
        metering.MEAN_CLIP,
        metering.LEVEL_DAYS,
        metering.WEEKDAY_VISITS,
        metering.SPREAD_DAYS,
        metering.WARM_UP_DAYS,
        metering.UNCLIPPED_DAYS,
        metering.LEVEL_CLIP,
        metering.SPREAD_CLIP,
        metering.SPREAD_RANGE,
        metering.FIRST_SPREAD,
        metering.SPREAD_OF_DEVIATION,
        metering.BLIP_BEYOND,
        metering.SHIFT_ALLOWANCE,
        metering.SHIFT_ABOVE,
        metering.RECENT_RATE,
        metering.BASED_ANEW_ON,
        metering.BAND,
        metering.DEVIATION_LIMIT,
        metering.LEAST_TOTAL,
        metered_watch.OPEN_DAYS_MOST,
        anomaly.HELD_AFTER_DAYS,
        *sorted(anomaly.REPORTED),
    )
