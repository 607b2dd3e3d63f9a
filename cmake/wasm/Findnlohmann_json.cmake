include(${CMAKE_CURRENT_LIST_DIR}/headers.cmake)
trm_headers_of_this_system(nlohmann_json nlohmann_json::nlohmann_json nlohmann /usr/include)
