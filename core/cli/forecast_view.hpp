// What the forecast stage found, in the form that tables and pages are made from.
#pragma once

#include "core/pipeline/forecast.hpp"
#include "core/report/forecast_report.hpp"

namespace risetime::core {

ForecastReport view_of(Project& project, const ForecastSummary& summary, const TrainSummary& trained);

}  // namespace risetime::core
