# SPDX-License-Identifier: GPL-2.0-only
# Finds an installed ns-3 and makes its imported targets usable. Sets CRSP_NS3_FOUND,
# CRSP_NS3_HAS_LTE, CRSP_NS3_SUMMARY and the interface target crsp-ns3-library.

set(CRSP_NS3_FOUND FALSE)
set(CRSP_NS3_HAS_LTE 0)
set(modules core network internet point-to-point traffic-control applications flow-monitor
    csma mobility netanim wifi)

if(NOT CRSP_WITH_NS3 MATCHES "^(AUTO|ON|OFF)$")
    message(FATAL_ERROR "CRSP_WITH_NS3 is '${CRSP_WITH_NS3}'; expected AUTO, ON or OFF.")
elseif(CRSP_WITH_NS3 STREQUAL "OFF")
    set(CRSP_NS3_SUMMARY "switched off")
    return()
elseif(CRSP_WITH_NS3 STREQUAL "ON")
    find_package(ns3 REQUIRED)
else()
    find_package(ns3 QUIET)
endif()
# ns-3 accepts only an exact version in find_package().
if(NOT ns3_FOUND)
    set(CRSP_NS3_SUMMARY "not found (Debian: libns3-dev ns3 libgsl-dev libsqlite3-dev)")
    return()
elseif(ns3_VERSION VERSION_LESS 3.36)
    message(FATAL_ERROR "ns-3 ${ns3_VERSION} is too old: 3.36 is the first that CMake can find.")
endif()

# Only LTE cells need it, and ns-3 can be built without.
if(TARGET ns3::liblte OR TARGET ns3::lte)
    list(APPEND modules lte)
    set(CRSP_NS3_HAS_LTE 1)
endif()

# Debian exports include folders of packages that libns3-dev does not depend on (libxml2, Python);
# CMake refuses a target with a folder that is missing.
get_property(imported DIRECTORY PROPERTY IMPORTED_TARGETS)
list(FILTER imported INCLUDE REGEX "^ns3::")
foreach(target IN LISTS imported)
    get_target_property(folders ${target} INTERFACE_INCLUDE_DIRECTORIES)
    set(kept)
    foreach(folder IN LISTS folders)
        if(EXISTS ${folder}/ns3/core-config.h)
            list(APPEND kept ${folder})
        endif()
    endforeach()
    list(REMOVE_DUPLICATES kept)
    set_target_properties(${target} PROPERTIES INTERFACE_INCLUDE_DIRECTORIES "${kept}")
endforeach()

# NS3_LOG_ENABLE: Debian's library is built with it, and it changes the size of some classes.
add_library(crsp-ns3-library INTERFACE)
target_compile_definitions(crsp-ns3-library
    INTERFACE NS3_LOG_ENABLE CRSP_NS3_VERSION="${ns3_VERSION}")
foreach(module IN LISTS modules)
    # The targets are called ns3::libcore up to 3.42 and ns3::core from 3.43 on.
    if(TARGET ns3::lib${module})
        target_link_libraries(crsp-ns3-library INTERFACE ns3::lib${module})
    else()
        target_link_libraries(crsp-ns3-library INTERFACE ns3::${module})
    endif()
endforeach()
set(CRSP_NS3_FOUND TRUE)
set(CRSP_NS3_SUMMARY "${ns3_VERSION}")
